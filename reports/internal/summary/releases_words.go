package summary

import (
	"fmt"
	"slices"
	"strings"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// Headline is the first line.
func (r Releases) Headline() string {
	words := r.Word()
	if st := r.State(); st != "" {
		words = st + ", " + words
	}
	return words + ": " + units.Plural(len(r.Runs)+len(r.Missing), "release")
}

// Word is the decision in capitals.
func (r Releases) Word() string {
	if d := r.Decision(); d != "" {
		return strings.ToUpper(string(d))
	}
	return "MEASURED"
}

// State says that not everything was measured, "" otherwise.
func (r Releases) State() string {
	if len(r.Missing) > 0 {
		return "INTERRUPTED"
	}
	return ""
}

// Together is a summary with a side for every version, for tables over all of them.
func (r Releases) Together() *Summary {
	all := &Summary{}
	for _, v := range r.Versions() {
		s := r.Sums[v.Run]
		all.Sides = append(all.Sides, s.Sides[s.Index(v.Role)])
	}
	return all
}

// Subject names what was measured: "2 candidates against embedded:v1".
func (r Releases) Subject() string {
	var baselines []string
	for i, s := range r.Sums {
		name := ""
		if s.Compared() {
			name = r.Runs[i].Name(bench.Baseline)
		}
		if !slices.Contains(baselines, name) {
			baselines = append(baselines, name)
		}
	}
	n := len(r.Runs) + len(r.Missing)
	if len(baselines) == 1 && baselines[0] != "" {
		return units.Plural(n, "candidate") + " against " + baselines[0]
	}
	return units.Plural(n, "release")
}

// Sentence counts the decisions in words.
func (r Releases) Sentence() string {
	counts := map[verdict.Decision]int{}
	for _, v := range r.Verdicts {
		counts[v.Decision]++
	}
	var parts []string
	add := func(n int, one, more string) {
		switch {
		case n == 1:
			parts = append(parts, "1 "+one)
		case n > 1:
			parts = append(parts, fmt.Sprintf("%d %s", n, more))
		}
	}
	add(counts[verdict.Pass], "passes", "pass")
	add(counts[verdict.Regression], "is a regression", "are regressions")
	add(counts[verdict.Failed], "failed", "failed")
	add(counts[verdict.Inconclusive], "is undecided", "are undecided")
	add(counts[verdict.Invalid], "cannot be judged", "cannot be judged")
	add(counts[verdict.Measured], "was measured without a limit", "were measured without a limit")
	add(counts[""], "was measured without a verdict", "were measured without a verdict")
	add(len(r.Missing), "was not measured", "were not measured")
	return fmt.Sprintf("Of %s: %s.", units.Plural(len(r.Runs)+len(r.Missing), "release"), strings.Join(parts, ", "))
}

// Loads are what was asked of the releases, each once.
func (r Releases) Loads() []string { return r.loads(LoadWords) }

// LoadsInBrief is Loads without how the requests were sent.
func (r Releases) LoadsInBrief() []string { return r.loads(offered) }

func (r Releases) loads(say func(bench.Load) string) []string {
	var all []string
	for _, x := range r.Runs {
		for _, l := range x.Run.Loads {
			if words := say(l); !slices.Contains(all, words) {
				all = append(all, words)
			}
		}
	}
	return all
}

// Notes say what a reader must know of figures of several runs.
func (r Releases) Notes() []string {
	var notes []string
	for _, d := range r.differs {
		notes = append(notes, "differs: "+plaintext.Line(d))
	}
	if n := r.ratios(); n > 1 {
		notes = append(notes, fmt.Sprintf(
			"decisions are corrected for %d candidates (Holm); those in the single reports are not", n))
	}
	if len(r.Runs) > 1 {
		notes = append(notes, r.against()+"; the runs were made one after another, and nothing controls what the "+
			"machine did between them")
	}
	return slices.Concat(notes, r.twice(), r.drift())
}

// twice names the runs that were given more than once.
func (r Releases) twice() []string {
	var notes []string
	for i, x := range r.Runs {
		if k := slices.IndexFunc(r.Runs[:i], func(y Release) bool {
			return y.Name(bench.Candidate) == x.Name(bench.Candidate) && y.Run.Started.Equal(x.Run.Started) &&
				len(y.Run.Trials) == len(x.Run.Trials)
		}); k >= 0 {
			notes = append(notes, fmt.Sprintf("%s is the same run as %s, given twice", plaintext.Line(x.Dir),
				plaintext.Line(r.Runs[k].Dir)))
		}
	}
	return notes
}

// against says what the ratios are against, by how many there are.
func (r Releases) against() string {
	switch n := r.ratios(); n {
	case 0:
		return "no run compared response times of two versions, so that there are no ratios"
	case len(r.Runs):
		return "ratios are against the baseline measured beside each candidate"
	default:
		return fmt.Sprintf("%d of %d runs compared response times of two versions, and their ratios are against the "+
			"baseline measured beside each candidate; the others have none", n, len(r.Runs))
	}
}

// Method says how the decisions came about, of what was compared.
func (r Releases) Method() string {
	switch r.ratios() {
	case 0:
		return "No release was compared with another: each figure is of its own run."
	case 1:
		return "The candidate was compared with the baseline that was measured beside it."
	}
	return "Each candidate was compared with the baseline that was measured beside it. Of several " +
		"candidates the best " +
		"looks better than it is, so a pass and a regression must withstand a correction for their number (Holm)."
}

// Located tells whether any figure has an interval: trials of one run make none.
func (r Releases) Located() bool {
	for _, op := range r.Operations() {
		for _, rows := range r.Rows(op) {
			if slices.ContainsFunc(rows, func(row releasedRow) bool { return row.Known() }) {
				return true
			}
		}
	}
	return false
}

// drift says how far apart a baseline was that was measured more than once: by so much
// the machine changed between the runs.
func (r Releases) drift() []string {
	var notes []string
	for _, v := range r.Versions() {
		if v.Role != bench.Baseline {
			continue
		}
		var parts []string
		for _, op := range r.Operations() {
			var low, high Located
			n := 0
			for i, x := range r.Runs {
				if _, ok := x.Run.Deployments[bench.Baseline]; !ok ||
					x.Name(bench.Baseline) != r.Runs[v.Run].Name(bench.Baseline) {
					continue
				}
				l := Located{Value: r.Sums[i].Run.Merged(bench.Baseline, op).Response.Quantile(ShownTails[0])}
				if l.Value == 0 {
					continue
				}
				if n++; n == 1 || l.Value < low.Value {
					low = l
				}
				high.Value = max(high.Value, l.Value)
			}
			if n > 1 {
				parts = append(parts, fmt.Sprintf("%s %s to %s", plaintext.Line(op), units.Duration(low.Value),
					units.Duration(high.Value)))
			}
		}
		if parts != nil {
			notes = append(notes, fmt.Sprintf("the baseline %s was measured with each candidate: P95 %s", v.Name,
				strings.Join(parts, ", ")))
		}
	}
	return notes
}

// Names are what the releases are called in every format: their candidates' names, and
// of two that are called the same the second with a number.
func (r Releases) Names() []string {
	names := make([]string, len(r.Runs))
	for _, v := range r.Versions() {
		if names[v.Run] == "" || v.Role == bench.Candidate {
			names[v.Run] = v.Name
		}
	}
	return names
}
