package summary

import (
	"fmt"
	"oauthbench/bench"
	"oauthbench/bench/verdict"
	"slices"
	"strings"
)

// headline is the first line.
func (r Releases) headline() string {
	words := r.word()
	if st := r.state(); st != "" {
		words = st + ", " + words
	}
	return words + ": " + plural(len(r.runs)+len(r.missing), "release")
}

// word is the decision in capitals.
func (r Releases) word() string {
	if d := r.Decision(); d != "" {
		return strings.ToUpper(string(d))
	}
	return "MEASURED"
}

// state says that not everything was measured, "" otherwise.
func (r Releases) state() string {
	if len(r.missing) > 0 {
		return "INTERRUPTED"
	}
	return ""
}

// together is a summary with a side for every version, for tables over all of them.
func (r Releases) together() *summary {
	all := &summary{}
	for _, v := range r.versions() {
		s := r.sums[v.run]
		all.sides = append(all.sides, s.sides[s.index(v.role)])
	}
	return all
}

// subject names what was measured: "2 candidates against embedded:v1".
func (r Releases) subject() string {
	var baselines []string
	for i, s := range r.sums {
		name := ""
		if s.compared() {
			name = r.runs[i].name(bench.Baseline)
		}
		if !slices.Contains(baselines, name) {
			baselines = append(baselines, name)
		}
	}
	n := len(r.runs) + len(r.missing)
	if len(baselines) == 1 && baselines[0] != "" {
		return plural(n, "candidate") + " against " + baselines[0]
	}
	return plural(n, "release")
}

// sentence counts the decisions in words.
func (r Releases) sentence() string {
	counts := map[verdict.Decision]int{}
	for _, v := range r.judged {
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
	add(counts[verdict.Inconclusive], "is undecided", "are undecided")
	add(counts[verdict.Invalid], "cannot be judged", "cannot be judged")
	add(counts[""], "was measured without a verdict", "were measured without a verdict")
	add(len(r.missing), "was not measured", "were not measured")
	return fmt.Sprintf("Of %s: %s.", plural(len(r.runs)+len(r.missing), "release"), strings.Join(parts, ", "))
}

// notes say what a reader must know of figures of several runs.
func (r Releases) notes() []string {
	var notes []string
	for _, d := range r.differs {
		notes = append(notes, "differs: "+plain(d))
	}
	compared := 0
	for _, v := range r.judged {
		if len(v.Comparisons) > 0 {
			compared++
		}
	}
	if compared > 1 {
		notes = append(notes, fmt.Sprintf("decisions are corrected for %d candidates (Holm); those in the single reports are not", compared))
	}
	if len(r.runs) > 1 {
		notes = append(notes, "ratios are against the baseline measured beside each candidate; the runs were made one after another, and nothing controls what the machine did between them")
	}
	return append(notes, r.drift()...)
}

// drift says how far apart a baseline was that was measured more than once: by so much
// the machine changed between the runs.
func (r Releases) drift() []string {
	var notes []string
	for _, v := range r.versions() {
		if v.role != bench.Baseline {
			continue
		}
		var parts []string
		for _, op := range r.operations() {
			var low, high located
			n := 0
			for i, x := range r.runs {
				if _, ok := x.Run.Deployments[bench.Baseline]; !ok || x.name(bench.Baseline) != r.runs[v.run].name(bench.Baseline) {
					continue
				}
				l := located{Value: r.sums[i].run.Merged(bench.Baseline, op).Response.Quantile(shownTails[0])}
				if l.Value == 0 {
					continue
				}
				if n++; n == 1 || l.Value < low.Value {
					low = l
				}
				high.Value = max(high.Value, l.Value)
			}
			if n > 1 {
				parts = append(parts, fmt.Sprintf("%s %s to %s", plain(op), duration(low.Value), duration(high.Value)))
			}
		}
		if parts != nil {
			notes = append(notes, fmt.Sprintf("the baseline %s was measured with each candidate: P95 %s", v.name, strings.Join(parts, ", ")))
		}
	}
	return notes
}

// names are what the releases are called in every format: their candidates' names, and
// of two that are called the same the second with a number.
func (r Releases) names() []string {
	names := make([]string, len(r.runs))
	for _, v := range r.versions() {
		if names[v.run] == "" || v.role == bench.Candidate {
			names[v.run] = v.name
		}
	}
	return names
}
