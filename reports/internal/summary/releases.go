package summary

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
)

// Releases sets several runs beside each other: the candidates of one comparison, or the
// releases of a year. NewReleases makes one.
type Releases struct {
	Runs []Release
	// differs are the properties in which the runs differ, as the guard of their
	// fingerprints names them.
	differs  []string
	Missing  []string
	Verdicts []verdict.Verdict // corrected for their number
	Sums     []*Summary        // of the runs, with those verdicts
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
	r := Releases{Runs: runs, differs: differs, Missing: missing, Verdicts: make([]verdict.Verdict, len(runs))}
	var family []verdict.Verdict
	contradictions := make([][]string, len(runs))
	for i, x := range runs {
		contradictions[i] = Audit(x.Report)
		r.Verdicts[i] = audited(x.Verdict, contradictions[i])
		if len(r.Verdicts[i].Comparisons) > 0 {
			family = append(family, r.Verdicts[i])
		}
	}
	family = verdict.Family(family)
	for i := range r.Verdicts {
		if len(r.Verdicts[i].Comparisons) > 0 {
			r.Verdicts[i], family = family[0], family[1:]
		}
	}
	for i, x := range runs {
		one := Report{Run: x.Run, Verdict: r.Verdicts[i]}
		r.Sums = append(r.Sums, OfAudited(one, contradictions[i], map[*bench.Histogram][]time.Duration{}))
	}
	return r
}

// Decision is the worst of all; what was not measured leaves it inconclusive at best.
func (r Releases) Decision() verdict.Decision {
	ds := []verdict.Decision{}
	if len(r.Missing) > 0 {
		ds = append(ds, verdict.Inconclusive)
	}
	for _, v := range r.Verdicts {
		ds = append(ds, v.Decision)
	}
	worst := verdict.Worst(ds...)
	if worst == verdict.Pass && r.NotCompared() != "" {
		return verdict.Measured // Each kept its limits; beside the others not all were judged.
	}
	return worst
}

// NotCompared names the releases that were measured each by itself and says why those pass nothing,
// "" when each was compared with a baseline.
func (r Releases) NotCompared() string {
	var alone []string
	for i, x := range r.Runs {
		if _, two := x.Run.Deployments[bench.Baseline]; !two {
			alone = append(alone, r.Names()[i])
		}
	}
	which := strings.Join(alone, ", ") + ": measured alone"
	switch len(alone) {
	case 0:
		return ""
	case len(r.Runs):
		which = "each run has one version"
	}
	return "not compared: " + which + ", and runs of different times differ by what the machine did; compare the " +
		"releases side by side"
}

// ratios is how many runs compared response times of two versions.
func (r Releases) ratios() (n int) {
	for _, v := range r.Verdicts {
		if len(v.Comparisons) > 0 {
			n++
		}
	}
	return n
}

// Reasons are those of every candidate that did not pass, each with its name.
func (r Releases) Reasons() []string {
	reasons, _ := r.Because()
	return reasons
}

// Because are the Reasons, and what was decided by each.
func (r Releases) Because() (reasons []string, decided []verdict.Decision) {
	add := func(d verdict.Decision, why string) {
		reasons, decided = append(reasons, why), append(decided, d)
	}
	for _, what := range r.Missing {
		add(verdict.Inconclusive, what)
	}
	if why := r.NotCompared(); why != "" {
		add(r.Decision(), why)
	}
	for i, v := range r.Verdicts {
		if v.Decision == verdict.Pass {
			continue
		}
		for _, why := range v.Reasons {
			add(v.Decision, r.Runs[i].Name(bench.Candidate)+": "+why)
		}
	}
	return reasons, decided
}

func (x Release) Name(role bench.Role) string {
	if d := x.Run.Deployments[role]; d.Name != "" {
		return plaintext.Line(d.Name)
	}
	return string(role)
}

// released is one version of one run.
type released struct {
	Name    string
	Role    bench.Role
	Run     int
	verdict *verdict.Verdict // of a candidate
}

// Versions are the versions to show: each candidate, and before the first that was
// compared with it each baseline. A baseline that was measured again, beside another
// candidate, is shown once.
func (r Releases) Versions() []released {
	var all []released
	names := map[string]int{}
	add := func(v released) {
		if names[v.Name]++; names[v.Name] > 1 {
			v.Name = fmt.Sprintf("%s (%d)", v.Name, names[v.Name])
		}
		all = append(all, v)
	}
	baselines := map[string]bool{}
	for i, x := range r.Runs {
		if _, ok := x.Run.Deployments[bench.Baseline]; ok {
			if name := x.Name(bench.Baseline); !baselines[name] {
				baselines[name] = true
				add(released{Name: name, Role: bench.Baseline, Run: i})
			}
		}
		if _, ok := x.Run.Deployments[bench.Candidate]; ok {
			add(released{Name: x.Name(bench.Candidate), Role: bench.Candidate, Run: i, verdict: &r.Verdicts[i]})
		}
	}
	return all
}

// Operations are those of any run, sorted.
func (r Releases) Operations() []string {
	var all []string
	for _, x := range r.Runs {
		all = append(all, x.Run.Operations()...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// releasedRow is one line of the table.
type releasedRow struct {
	Version released
	Located
	Comparison *verdict.Comparison // nil for a baseline, and for what was not compared
}

// Rows are the versions at each of shownTails.
func (r Releases) Rows(operation string) [][]releasedRow {
	out := make([][]releasedRow, len(ShownTails))
	for _, v := range r.Versions() {
		for k, l := range Locate(r.Sums[v.Run].Run.Shown(v.Role), operation, ShownTails...) {
			row := releasedRow{Version: v, Located: l}
			if v.verdict != nil {
				i := slices.IndexFunc(v.verdict.Comparisons, func(c verdict.Comparison) bool {
					return c.Operation == operation && c.Quantile == ShownTails[k]
				})
				if i >= 0 {
					row.Comparison = &v.verdict.Comparisons[i]
				}
			}
			out[k] = append(out[k], row)
		}
	}
	return out
}
