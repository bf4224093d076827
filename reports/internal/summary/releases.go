package summary

import (
	"fmt"
	"slices"
	"time"

	"oauthbench/bench"
	"oauthbench/bench/verdict"
)

// Releases sets several runs beside each other: the candidates of one comparison, or the
// releases of a year. NewReleases makes one.
type Releases struct {
	runs []Release
	// differs are the properties in which the runs differ, as the guard of their
	// fingerprints names them.
	differs []string
	missing []string
	judged  []verdict.Verdict // corrected for their number
	sums    []*summary        // of the runs, with those verdicts
}

// Release is one run among several.
type Release struct {
	Dir string // where it lies
	Report
}

// NewReleases sets runs side by side, in the order given. Verdicts that compare are
// corrected for their number (verdict.Family). differs says in which properties the runs
// differ, missing what was to be measured and was not.
func NewReleases(runs []Release, differs, missing []string) Releases {
	r := Releases{runs: runs, differs: differs, missing: missing, judged: make([]verdict.Verdict, len(runs))}
	var family []verdict.Verdict
	contradictions := make([][]string, len(runs))
	for i, x := range runs {
		r.judged[i] = x.Verdict
		if contradictions[i] = Audit(x.Report); len(contradictions[i]) > 0 {
			// Nothing is decided on figures that contradict each other.
			r.judged[i] = verdict.Verdict{Decision: verdict.Invalid, Reasons: contradictions[i]}
		}
		if len(r.judged[i].Comparisons) > 0 {
			family = append(family, r.judged[i])
		}
	}
	family = verdict.Family(family)
	for i := range r.judged {
		if len(r.judged[i].Comparisons) > 0 {
			r.judged[i], family = family[0], family[1:]
		}
	}
	for i, x := range runs {
		one := Report{Run: x.Run, Verdict: r.judged[i]}
		r.sums = append(r.sums, summarizeAudited(one, contradictions[i], map[*bench.Histogram][]time.Duration{}))
	}
	return r
}

// Decision is the worst of all; what was not measured leaves it inconclusive at best.
func (r Releases) Decision() verdict.Decision {
	ds := []verdict.Decision{}
	if len(r.missing) > 0 {
		ds = append(ds, verdict.Inconclusive)
	}
	for _, v := range r.judged {
		ds = append(ds, v.Decision)
	}
	return verdict.Worst(ds...)
}

// Reasons are those of every candidate that did not pass, each with its name.
func (r Releases) Reasons() []string {
	reasons := slices.Clone(r.missing)
	for i, v := range r.judged {
		if v.Decision != verdict.Pass {
			for _, why := range v.Reasons {
				reasons = append(reasons, r.runs[i].name(bench.Candidate)+": "+why)
			}
		}
	}
	return reasons
}

func (x Release) name(role bench.Role) string {
	if d := x.Run.Deployments[role]; d.Name != "" {
		return plain(d.Name)
	}
	return string(role)
}

// released is one version of one run.
type released struct {
	name    string
	role    bench.Role
	run     int
	verdict *verdict.Verdict // of a candidate
}

// versions are the versions to show: each candidate, and before the first that was
// compared with it each baseline. A baseline that was measured again, beside another
// candidate, is shown once.
func (r Releases) versions() []released {
	var all []released
	names := map[string]int{}
	add := func(v released) {
		if names[v.name]++; names[v.name] > 1 {
			v.name = fmt.Sprintf("%s (%d)", v.name, names[v.name])
		}
		all = append(all, v)
	}
	baselines := map[string]bool{}
	for i, x := range r.runs {
		if _, ok := x.Run.Deployments[bench.Baseline]; ok {
			if name := x.name(bench.Baseline); !baselines[name] {
				baselines[name] = true
				add(released{name: name, role: bench.Baseline, run: i})
			}
		}
		if _, ok := x.Run.Deployments[bench.Candidate]; ok {
			add(released{name: x.name(bench.Candidate), role: bench.Candidate, run: i, verdict: &r.judged[i]})
		}
	}
	return all
}

// operations are those of any run, sorted.
func (r Releases) operations() []string {
	var all []string
	for _, x := range r.runs {
		all = append(all, x.Run.Operations()...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// releasedRow is one line of the table.
type releasedRow struct {
	version released
	located
	comparison *verdict.Comparison // nil for a baseline, and for what was not compared
}

// rows are the versions at each of shownTails.
func (r Releases) rows(operation string) [][]releasedRow {
	out := make([][]releasedRow, len(shownTails))
	for _, v := range r.versions() {
		for k, l := range locate(r.sums[v.run].run.Shown(v.role), operation, shownTails...) {
			row := releasedRow{version: v, located: l}
			if v.verdict != nil {
				i := slices.IndexFunc(v.verdict.Comparisons, func(c verdict.Comparison) bool {
					return c.Operation == operation && c.Quantile == shownTails[k]
				})
				if i >= 0 {
					row.comparison = &v.verdict.Comparisons[i]
				}
			}
			out[k] = append(out[k], row)
		}
	}
	return out
}
