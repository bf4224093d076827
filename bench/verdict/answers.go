package verdict

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench/stats"
	"github.com/oauthbench/oauthbench/internal/digits"
)

// wrongAnswers returns one sentence for each operation in which a version gave
// Invalid answers, and for each check that found it wrong, over all pairs: a disturbed
// machine makes answers late, it does not make them wrong.
func wrongAnswers(pairs []Pair, side Side) []string {
	totals, other, who := tally(pairs, side), tally(pairs, opposite(side)), called(pairs, side)
	var sentences []string
	for _, name := range operations(pairs) {
		t := totals[name]
		if t.counts.Invalid == 0 {
			continue
		}
		text := fmt.Sprintf("%s: the %s gave %s in %d", name, who, digits.Count(t.counts.Invalid, "wrong answer"),
			t.counts.OK+t.counts.Rejected+t.counts.Invalid)
		if len(t.wrong) > 0 {
			text += " (" + strings.Join(slices.Sorted(maps.Keys(t.wrong)), "; ") + ")"
		}
		switch o := other[name].counts; {
		case o.Invalid > 0:
			text += fmt.Sprintf("; so did the %s, %s", opposite(side), digits.Count(o.Invalid, "time"))
			if alone := without(t.wrong, other[name].wrong); len(alone) > 0 {
				text += ", but not so: " + strings.Join(alone, "; ")
			}
		case o.Arrivals > 0:
			text += fmt.Sprintf("; the %s gave none", opposite(side))
		}
		sentences = append(sentences, text)
	}
	return append(sentences, flaws(pairs, side)...)
}

// BeforeTrials is the check of what was answered to the load before the first trial.
const BeforeTrials = "burn-in and pilot"

// flaws returns one sentence for each check beside the load that found a version wrong, and
// says what of it the other version has, too.
func flaws(pairs []Pair, side Side) []string {
	own := flawsOf(pairs, side)
	other := known(pairs, opposite(side), own)
	alone := called(pairs, side) == "server"
	var sentences []string
	for len(own) > 0 {
		check := own[0].Check
		var here, both []string
		for _, f := range own {
			switch {
			case f.Check != check:
			case slices.Contains(other, f):
				both = append(both, f.What)
			default:
				here = append(here, f.What)
			}
		}
		own = slices.DeleteFunc(own, func(f Flaw) bool { return f.Check == check })
		text := check + ", asked beside the load: "
		if check == BeforeTrials {
			text = check + ": "
		}
		if len(here) > 0 {
			text += fmt.Sprintf("of the %s, %s", called(pairs, side), strings.Join(here, "; "))
			if !alone {
				text += fmt.Sprintf("; not so of the %s", opposite(side))
			}
		}
		if len(here) > 0 && len(both) > 0 {
			text += "; "
		}
		if len(both) > 0 {
			text += "of both, " + strings.Join(both, "; ")
		}
		sentences = append(sentences, text)
	}
	return sentences
}

// flawsOf are the flaws of one version, each once, in the order of their texts.
func flawsOf(pairs []Pair, side Side) []Flaw {
	var all []Flaw
	for _, p := range pairs {
		for _, f := range p.on(side).Flaws {
			if !slices.Contains(all, f) {
				all = append(all, f)
			}
		}
	}
	slices.SortFunc(all, func(a, b Flaw) int {
		return cmp.Or(cmp.Compare(a.Check, b.Check), cmp.Compare(a.What, b.What))
	})
	return all
}

// wrongAlike tells whether whatever the candidate answered wrongly, the baseline did, too,
// and about as often: a server that breaks a specification in the same way at both versions
// is wrong, and no worse than itself.
func wrongAlike(pairs []Pair) bool {
	baseline, candidate := tally(pairs, Baseline), tally(pairs, Candidate)
	found, ways := map[string]bool{}, 0
	for _, f := range flawsOf(pairs, Baseline) {
		found[f.What] = true // Which of its faults the load meets is chance; these were asked for.
	}
	for _, c := range candidate {
		ways += max(len(c.wrong), 1)
	}
	for name, c := range candidate {
		b := baseline[name]
		if c.counts.Invalid > 0 && len(c.wrong) == 0 && (b.counts.Invalid == 0 && len(found) == 0 ||
			moreOften(b.counts.Invalid, b.counts, c.counts.Invalid, c.counts, ways)) {
			return false
		}
		for what, times := range c.wrong {
			if b.counts.Invalid == 0 && !found[what] ||
				!(found[what] && b.wrong[what] == 0) && moreOften(b.wrong[what], b.counts, times, c.counts, ways) {
				return false
			}
		}
	}
	return within(flawsOf(pairs, Candidate), known(pairs, Baseline, flawsOf(pairs, Candidate)))
}

// known are the flaws of one version, and those of some that its answers to the load showed.
func known(pairs []Pair, side Side, some []Flaw) []Flaw {
	all, shown := flawsOf(pairs, side), map[string]bool{}
	for _, t := range tally(pairs, side) {
		for what := range t.wrong {
			shown[what] = true
		}
	}
	for _, f := range some {
		if shown[f.What] && !slices.Contains(all, f) {
			all = append(all, f)
		}
	}
	return all
}

// within tells whether every element of some is among others.
func within[T comparable](some, others []T) bool {
	return !slices.ContainsFunc(some, func(x T) bool { return !slices.Contains(others, x) })
}

// without are the ways of being wrong that others lack, sorted.
func without(some, others map[string]int) []string {
	var alone []string
	for what := range some {
		if others[what] == 0 {
			alone = append(alone, what)
		}
	}
	slices.Sort(alone)
	return alone
}

// moreOften tells whether the candidate was wrong in one way in a larger share of its arrivals
// beyond chance, where so many ways are looked at: which questions each version was asked
// differs, for a trial that was lost had some of them.
func moreOften(baseline int, of Counts, candidate int, ofCandidate Counts, ways int) bool {
	return stats.FisherMoreInB(stats.Table{
		HitsA: baseline, MissesA: of.Arrivals - baseline,
		HitsB: candidate, MissesB: ofCandidate.Arrivals - candidate,
	}) <= errorLevel/float64(ways)
}

// failAlike is the end of a verdict on versions that are wrong alike: the candidate cannot
// be passed, and is a regression only if something else makes it one.
func (v *Verdict) failAlike(wrong []string) {
	if v.Decision == Regression {
		v.Reasons = append(v.Reasons, wrong...)
		return
	}
	v.Decision, v.Reasons, v.ByPercentiles = Failed, wrong, false
}

// unverified returns one sentence for each version with trials that could not be
// verified.
func unverified(pairs []Pair) []string {
	var sentences []string
	for _, side := range []Side{Baseline, Candidate} {
		n, why := 0, ""
		for _, p := range pairs {
			if t := p.on(side); t.Unverified != "" {
				n, why = n+1, t.Unverified
			}
		}
		if n > 0 {
			sentences = append(sentences, fmt.Sprintf("what the %s did in %s could not be verified (%s)",
				called(pairs, side), digits.Count(n, "trial"), why))
		}
	}
	return sentences
}

// called is what a version is called: by its side, or, where nothing is compared, the server.
func called(pairs []Pair, side Side) string {
	if len(tally(pairs, opposite(side))) == 0 {
		return "server"
	}
	return string(side)
}

func opposite(side Side) Side {
	if side == Baseline {
		return Candidate
	}
	return Baseline
}

// deaths names each trial in which a version's process ended under the load; called is what
// the version is called.
func deaths(all []Pair, side Side, called string) []string {
	var reasons []string
	for _, p := range all {
		if t := p.on(side); t.Died != "" {
			reasons = append(reasons, fmt.Sprintf("the %s died under load: %s", called, t.Died))
		}
	}
	return reasons
}

// judgeDeaths: a candidate that dies where the baseline does not is a regression, however
// fast it was. Where both die the load may be at fault, and the candidate cannot be
// passed; where the baseline alone dies the reader is told.
func (v *Verdict) judgeDeaths(all []Pair) {
	baseline, candidate := deaths(all, Baseline, "baseline"), deaths(all, Candidate, "candidate")
	switch {
	case len(baseline) == 0:
		v.find(Regression, candidate...)
	case len(candidate) == 0:
		for _, d := range baseline {
			v.warn("%s", d)
		}
	default:
		for _, d := range append(baseline, candidate...) {
			v.doubt(d)
		}
	}
}

// Outage is a stretch of one trial in which operations had no right answer at all.
type Outage struct {
	// Where names the trial in words.
	Where string `json:"where"`
	// At is when it began, counted from the start of the trial.
	At     time.Duration `json:"at_ns"`
	Length time.Duration `json:"length_ns"`
	// Failed is how many arrivals had no right answer in it.
	Failed int `json:"failed"`
	// Operations are those that failed.
	Operations []string `json:"operations"`
	// Back says that they succeeded again within the trial.
	Back bool `json:"back"`
}

func (o Outage) String() string {
	end := "and it did not come back within the trial"
	if o.Back {
		end = "then it came back"
	}
	return fmt.Sprintf("no right answer of %s for %s from %s of %s (%d failed), %s",
		strings.Join(o.Operations, ", "), inWords(o.Length.Round(time.Millisecond)),
		inWords(o.At.Round(time.Millisecond)), o.Where,
		o.Failed, end)
}

// mostOutagesShown keeps the reasons readable: one restart in every trial is one fact.
const mostOutagesShown = 3

// outages returns a sentence for each outage of each version. They withhold a pass,
// whatever the percentiles say: a server that was away for a second is no plain pass.
func outages(pairs []Pair) []string {
	var sentences []string
	for _, side := range []Side{Baseline, Candidate} {
		shown, all := 0, 0
		for _, p := range pairs {
			for _, o := range p.on(side).Outages {
				if all++; shown < mostOutagesShown {
					shown++
					sentences = append(sentences, fmt.Sprintf("the %s was away: %v", called(pairs, side), o))
				}
			}
		}
		if all > shown {
			sentences = append(sentences, fmt.Sprintf("the %s was away %s more", called(pairs, side),
				digits.Count(all-shown, "time")))
		}
	}
	return sentences
}
