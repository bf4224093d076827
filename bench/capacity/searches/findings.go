package searches

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/capacity"
	"github.com/oauthbench/oauthbench/bench/stats"
	"github.com/oauthbench/oauthbench/internal/digits"
)

// findings looks for what a rate alone does not say.
func (s *Searched) findings(run *bench.Run) {
	s.firstError(run)
	s.firstMiss()
	s.Findings = append(s.ailments(run), s.deaths(run)...)
	for _, l := range s.Searches {
		s.Findings = append(s.Findings, metastable(l, run)...)
	}
	s.Findings = append(s.Findings, s.together(run)...)
	for _, l := range s.Searches {
		differ, drifts := startsDiffer(l), drift(l, run)
		if differ == nil && drifts == nil {
			differ = levelsDiffer(l)
		}
		s.Findings = append(append(s.Findings, differ...), drifts...)
	}
	if len(s.Searches) > 0 && s.Searches[0].rule.Sides[s.Role].Lasting {
		s.Findings = append(s.Findings, "the server ran already: all trials are of one start of it, and what another "+
			"start would carry is not known")
	}
	s.Findings = append(s.Findings, s.standstills(run)...)
	s.Findings = slices.Compact(s.Findings)
}

// firstError is the lowest rate of the search at which a request failed.
func (s *Searched) firstError(run *bench.Run) {
	for _, l := range s.Searches {
		for _, p := range l.Points {
			t := &run.Trials[p.Trial]
			if p.Disturbed != "" {
				continue
			}
			for _, m := range t.Measurements {
				s.Asked += m.Outcomes.Total()
			}
			if s.FirstError != nil && p.Rate >= s.FirstError.Rate {
				continue
			}
			for _, m := range t.Measurements {
				failed := m.Outcomes.Failed() - m.Outcomes.Unable
				if failed == 0 || p.GaveUp != "" && onlyUnreachable(m.Outcomes) {
					continue // What was given up was cut off by the generator.
				}
				s.FirstError = &FirstError{p.Rate, m.Operation, mostFrequent(m.Cases), failed, m.Outcomes.Total()}
				break
			}
		}
	}
}

// onlyUnreachable tells whether all failures are connections that broke.
func onlyUnreachable(o bench.Outcomes) bool { return o.Failed() == o.Unreachable+o.Unable }

func mostFrequent(cases map[string]int64) string {
	most := ""
	for name, n := range cases {
		if n > cases[most] || n == cases[most] && name < most {
			most = name
		}
	}
	return most
}

// firstMiss names the operation that broke at the lowest rate that failed.
func (s *Searched) firstMiss() {
	counts, words, trials := map[string]int{}, map[string]string{}, 0
	rate := s.Above
	for _, l := range s.Searches {
		for _, p := range l.Points {
			if p.Rate != rate || p.Outcome != capacity.Failed || p.Disturbed != "" {
				continue
			}
			trials++
			seen := map[string]bool{}
			for _, m := range p.Missed {
				if m.Operation != "" && !seen[m.Operation] {
					seen[m.Operation] = true
					counts[m.Operation]++
					words[m.Operation] = m.Words
				}
			}
		}
	}
	first := ""
	for name, n := range counts {
		if n > counts[first] || n == counts[first] && name < first {
			first = name
		}
	}
	if first != "" {
		s.Broke = fmt.Sprintf("%s broke first, at %.4g/s in %d of %d trials that failed there (%s)",
			first, rate, counts[first], trials, words[first])
	}
}

// ailments tells what the server's own parts said is wrong with them when something had failed, each once,
// with the rate at which it was said first and its last words.
func (s *Searched) ailments(run *bench.Run) []string {
	type said struct {
		bench.Cause
		rate float64
	}
	var all []said
	for _, t := range run.Trials {
		for _, c := range t.Causes {
			i := slices.IndexFunc(all, func(x said) bool { return x.Like(c) })
			switch {
			case t.Role != s.Role, c.Ailment == bench.Complained: // at a limit most logs have something to say
			case i < 0:
				all = append(all, said{c, rateOf(&t)})
			default:
				all[i].Log = c.Log
			}
		}
	}
	var words []string
	for _, x := range all {
		words = append(words, fmt.Sprintf("at %.4g/s %v", x.rate, x.Cause))
		if x.Ailment == bench.DiskFull && s.DiskFull == "" {
			s.DiskFull = words[len(words)-1]
		}
	}
	return words
}

// deaths tells of loads in which the server's process ended, also of those before and between the trials of a
// search.
func (s *Searched) deaths(run *bench.Run) []string {
	var all []string
	for _, t := range run.Trials {
		switch {
		case t.Role != s.Role || t.Died == "":
		case t.Warmup:
			all = append(all, "the server died "+t.Died)
		default:
			all = append(all, fmt.Sprintf("the server died at %.4g/s: %s", rateOf(&t), t.Died))
		}
	}
	return all
}

// rateOf is the rate of a trial, all requests together.
func rateOf(t *bench.Trial) float64 {
	if t.Search != nil {
		return t.Search.Rate
	}
	return t.Load.Rate()
}

// metastable tells of overloads that the server did not come back from until it was started anew, or
// not at all where it cannot be.
func metastable(l *Log, run *bench.Run) []string {
	type failure struct {
		after float64 // rate, 0 for one before the first trial
		words string
	}
	var all []failure
	say := func(end int, then string) { // Check number end is the first after those in which it was not back.
		first := end - mostRestless
		last := &run.Trials[l.Checks[end-1].Trial]
		until := last.Started.Add(last.Elapsed)
		if end < len(l.Checks) {
			until = run.Trials[l.Checks[end].Trial].Started
		}
		since := until.Sub(run.Trials[l.Checks[first].Trial].Started).Round(time.Second)
		f := failure{words: fmt.Sprintf("within %v without load above %.4g/s: %s; %s", since,
			l.rule.Sides[l.Role].Control, beforeAndThen(l.Checks[:first], l.Checks[end-1]), then)}
		if n := l.Checks[first].After; n > 0 {
			f.after = l.Points[n-1].Rate
		}
		all = append(all, f)
	}
	for i, c := range l.Checks {
		if !run.Trials[c.Trial].Search.Fresh || i < mostRestless || l.Checks[i-1].Recovered ||
			run.Trials[l.Checks[i-1].Trial].Died != "" {
			continue
		}
		then := fmt.Sprintf("a fresh start brought it back to %v", c.Level.Round(10*time.Microsecond))
		switch before := firstAnswered(l.Checks); {
		case !c.answered():
			then = "after a fresh start " + c.state()
		case c.Least > near(before.Most):
			then = fmt.Sprintf("and not after a fresh start either (%v)", c.Level.Round(10*time.Microsecond))
		}
		say(i, then)
	}
	if l.rule.Sides[l.Role].Lasting && l.restless >= mostRestless {
		say(len(l.Checks), "it cannot be started anew from here, and was left as it is")
	}
	if all == nil {
		return nil
	}
	lowest := slices.MinFunc(all, func(a, b failure) int { return cmp.Compare(a.after, b.after) })
	if lowest.after == 0 {
		return []string{"the server was not itself when the search began, and did not come to itself " + lowest.words}
	}
	more := ""
	if n := len(all) - 1; n > 0 {
		more = ", and " + digits.Count(n, "time") + " more after as much or more"
	}
	return []string{fmt.Sprintf("metastable failure: after %.4g/s%s the server did not come back %s", lowest.after,
		more,
		lowest.words)}
}

// beforeAndThen is what a server was like in its first control trial that was answered, and in a later one.
func beforeAndThen(before []Check, then Check) string {
	was := firstAnswered(before)
	switch {
	case was.Level == 0:
		return then.state()
	case then.answered():
		return fmt.Sprintf("%s before and %v then", was.state(), then.Level.Round(10*time.Microsecond))
	}
	return fmt.Sprintf("%s before, and then %s", was.state(), then.state())
}

// firstAnswered is the first control trial that was answered, the zero Check for none.
func firstAnswered(checks []Check) Check {
	if i := slices.IndexFunc(checks, Check.answered); i >= 0 {
		return checks[i]
	}
	return Check{}
}

// beyondDoubt is how many times likelier it must be that starts differ than that they do not: near its limit a
// server holds in one trial and fails in the next, whatever start it has.
const beyondDoubt = 20

// startsDiffer tells of a start that held by majority where another failed by majority at a
// rate at least a twentieth lower, when chance does not explain it: the luck of a start decides.
func startsDiffer(l *Log) []string {
	type start struct{ held, failed float64 } // highest rate held, lowest failed, by two trials at least
	type key struct {
		start int
		rate  float64
	}
	counts := map[key][2]int{}
	for _, p := range l.Points {
		if p.Disturbed != "" || p.Phase == string(capacity.Soak) || p.Outcome == capacity.Beyond {
			continue
		}
		n := counts[key{p.Start, p.Rate}]
		if p.Outcome == capacity.Held {
			n[0]++
		} else {
			n[1]++
		}
		counts[key{p.Start, p.Rate}] = n
	}
	starts := map[int]start{}
	for k, n := range counts {
		s := starts[k.start]
		if n[0] >= 2 && n[0] > 2*n[1] {
			s.held = max(s.held, k.rate)
		}
		if n[1] >= 2 && n[1] > 2*n[0] && (s.failed == 0 || k.rate < s.failed) {
			s.failed = k.rate
		}
		starts[k.start] = s
	}
	const apart = 1.05
	best, worst := -1, -1
	for n, s := range starts {
		if best < 0 || s.held > starts[best].held || s.held == starts[best].held && n < best {
			best = n
		}
		if s.failed > 0 && (worst < 0 || s.failed < starts[worst].failed ||
			s.failed == starts[worst].failed && n < worst) {
			worst = n
		}
	}
	if worst < 0 || starts[best].held < starts[worst].failed*apart || capacity.StartsDiffer(l.byStart()) < beyondDoubt {
		return nil
	}
	// A server that wears off is worse after each start: one that was better again after the worst does not.
	better := false
	for n, s := range starts {
		better = better || n > worst && s.held >= starts[worst].failed
	}
	words := "starts of the server differ"
	if worst > best && !better {
		words += ", or it carries less the longer it is searched"
	}
	return []string{fmt.Sprintf("%s: after one it held at %.4g/s, after another it failed at %.4g/s; the "+
		"certified rate is what all that were tried carry", words, starts[best].held, starts[worst].failed)}
}

// levelsDiffer tells of starts after which P50 at the low rate of control trials differs by
// a fifth: some are slower in all they do.
func levelsDiffer(l *Log) []string {
	const apart, leastApart = 1.2, 200 * time.Microsecond
	levels := map[int][]float64{}
	for _, c := range l.Checks {
		if c.Compared() {
			levels[c.Start] = append(levels[c.Start], math.Log(float64(c.Level)))
		}
	}
	type mean struct{ at, variance float64 }
	low, high := mean{at: math.Inf(1)}, mean{at: math.Inf(-1)}
	squares, freedom := 0.0, 0
	for _, of := range levels {
		sum := 0.0
		for _, x := range of {
			sum += x
		}
		m := mean{sum / float64(len(of)), 1 / float64(len(of))}
		for _, x := range of {
			squares += (x - m.at) * (x - m.at)
		}
		freedom += len(of) - 1
		if m.at < low.at {
			low = m
		}
		if m.at > high.at {
			high = m
		}
	}
	// Five deviations of chance: the two are the furthest apart of several.
	if freedom < 4 || high.at-low.at < max(math.Log(apart),
		5*math.Sqrt(squares/float64(freedom)*(low.variance+high.variance))) ||
		time.Duration(math.Exp(high.at)-math.Exp(low.at)) < leastApart {
		return nil
	}
	return []string{fmt.Sprintf(
		"starts of the server differ: P50 of control trials was %v after one and %v after another; the certified "+
			"rate is what those that were tried carry",
		time.Duration(math.Exp(low.at)).Round(10*time.Microsecond),
		time.Duration(math.Exp(high.at)).Round(10*time.Microsecond))}
}

// driftLevel and leastDrift are when control trials are said to have become slower.
const (
	driftLevel = 0.02
	leastDrift = 0.05
)

// LeastControls is how many control trials it takes to tell whether a server became slower.
const LeastControls = 8

// drift tells whether the control trials of the first half and of the second differ: the
// tables grow under the search, and so capacity at its end may be another server's.
func drift(l *Log, run *bench.Run) []string {
	var levels []float64
	for _, c := range l.Checks {
		if c.Compared() {
			levels = append(levels, math.Log(float64(c.Level)))
		}
	}
	n := len(levels) / 2
	if len(levels) < LeastControls {
		return nil
	}
	shift := stats.NewShifts(levels[:n], levels[len(levels)-n:])
	p := min(1, 2*min(shift.PAbove(0), shift.PBelow(0)))
	change := math.Expm1(shift.HodgesLehmann())
	if p >= driftLevel || math.Abs(change) < leastDrift {
		return nil
	}
	word := "slower"
	if change < 0 {
		word = "faster"
	}
	var rows int64
	told := true
	for _, p := range l.Points {
		c := run.Trials[p.Trial].Counters
		if told = told && c != nil; told {
			rows += c.RowsInserted - c.RowsDeleted
		}
	}
	grown := ""
	if told && rows > 0 {
		grown = "; its trials added " + digits.Count(rows, "row")
	}
	return []string{fmt.Sprintf(
		"the server became %s while it was searched: from the first half of %d control trials to the second, P50 "+
			"changed by %+.0f %% (p=%.2g)%s. The certified rate is that of its end",
		word, len(levels), 100*change, p, grown)}
}

// Tried are the rates of the search in ascending order, with how many trials held, failed and do not count.
func (s *Searched) Tried() []Tried {
	at := map[float64]*Tried{}
	for _, l := range s.Searches {
		for _, p := range l.Points {
			if p.Outcome == capacity.Beyond || p.Phase == string(capacity.Soak) {
				continue
			}
			t := at[p.Rate]
			if t == nil {
				t = &Tried{Rate: p.Rate}
				at[p.Rate] = t
			}
			t.Trials = append(t.Trials, p.Trial)
			switch {
			case p.Disturbed != "":
				t.Disturbed++
			case p.Outcome == capacity.Held:
				t.Held++
			default:
				t.Failed++
			}
		}
	}
	var all []Tried
	for _, t := range at {
		all = append(all, *t)
	}
	slices.SortFunc(all, func(a, b Tried) int { return cmp.Compare(a.Rate, b.Rate) })
	return all
}

// Tried is one rate of a search.
type Tried struct {
	Rate         float64
	Held, Failed int
	Disturbed    int   // Disturbed do not count, and are measured again.
	Trials       []int // Trials are their indices in the run.
}
