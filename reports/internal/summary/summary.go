// Package summary says what a run or several releases hold, in words and figures,
// once for all formats: headline and reasons, the merged figures of each operation,
// what limited a version, footnotes. It draws nothing and writes no format. Audit
// looks for figures that contradict each other.
package summary

import (
	"slices"
	"time"

	"oauthbench/bench"
	"oauthbench/bench/verdict"
)

// Summary is what every format says, computed once: the words of the first screen,
// the merged figures of each operation, and the footnotes.
type Summary struct {
	Run            *bench.Run
	InHeadline     []bool // of each trial, whether the headline figures contain it
	InComparison   []bool // of each trial, whether the comparisons contain it; none when every pair was disturbed
	Verdict        verdict.Verdict
	Paths          []verdict.Path
	Contradictions []string
	Sides          []Side // baseline first; only those that the run has
	Operations     []Operation
	Notes          Footnotes
	known          map[*bench.Histogram][]time.Duration // see quantiles
}

// Side is one version of the run.
type Side struct {
	Role       bench.Role
	Deployment bench.Deployment
	Valid      []bench.Trial
}

// Operation is what the valid trials measured of one operation.
type Operation struct {
	Name  string
	Sides []Measured // as in summary.sides
	Rows  []Row
}

// Measured is one side's merged measurement and of how many trials it is.
type Measured struct {
	bench.Measurement
	Trials int
}

// Row is one line of the table: a quantile, or the maximum.
type Row struct {
	Label    string
	Quantile float64
	Values   []time.Duration // as in summary.sides; 0 where nothing was measured
	// comparison is nil for what was not compared.
	Comparison *verdict.Comparison
	Notes      []int // numbers of footnotes on the comparison
	Figures    []int // numbers of footnotes on the values themselves
}

// Head is the row's label with the marks of what must be known of its values.
func (r Row) Head() string {
	if len(r.Figures) == 0 {
		return r.Label
	}
	return r.Label + " " + Marks(r.Figures)
}

func Of(r Report) *Summary {
	return OfAudited(r, Audit(r), map[*bench.Histogram][]time.Duration{})
}

// OfAudited is summarize with the contradictions and quantiles that are known.
func OfAudited(r Report, contradictions []string, known map[*bench.Histogram][]time.Duration) *Summary {
	s := &Summary{known: known, Run: drawable(r.Run), Verdict: r.Verdict, Paths: r.Paths,
		Contradictions: contradictions}
	s.InHeadline = s.Run.Counting()
	s.InComparison = s.InHeadline
	if len(s.Run.Valid(bench.Baseline))+len(s.Run.Valid(bench.Candidate)) == 0 {
		s.InComparison = make([]bool, len(s.Run.Trials))
	}
	for _, role := range []bench.Role{bench.Baseline, bench.Candidate} {
		d, deployed := r.Run.Deployments[role]
		measured := slices.ContainsFunc(r.Run.Trials, func(t bench.Trial) bool { return t.Role == role })
		if !deployed && !measured {
			continue
		}
		if d.Name == "" {
			d.Name = string(role)
		}
		s.Sides = append(s.Sides, Side{role, d, s.Run.Shown(role)})
	}
	names := r.Run.Operations()
	for _, c := range r.Verdict.Comparisons {
		if !slices.Contains(names, c.Operation) {
			names = append(names, c.Operation)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		s.Operations = append(s.Operations, s.operation(name))
	}
	collectNotes(s)
	return s
}

// quantiles are a histogram's headline quantiles. They are remembered: pictures of
// several sizes ask for those of every trial.
func (s *Summary) quantiles(h *bench.Histogram) []time.Duration {
	q, known := s.known[h]
	if !known {
		q = h.Quantiles(Headlines...)
		s.known[h] = q
	}
	return q
}

// drawable returns a run in which every measurement has its histograms: empty ones
// stand in for those that are missing, which Audit reports.
func drawable(run *bench.Run) *bench.Run {
	missing := func(m bench.Measurement) bool { return m.Response == nil || m.Service == nil || m.SendLag == nil }
	out := run
	for i, t := range run.Trials {
		if !slices.ContainsFunc(t.Measurements, missing) {
			continue
		}
		if out == run {
			whole := *run
			out = &whole
			out.Trials = slices.Clone(run.Trials)
		}
		ms := slices.Clone(t.Measurements)
		for k := range ms {
			for _, h := range []**bench.Histogram{&ms[k].Response, &ms[k].Service, &ms[k].SendLag} {
				if *h == nil {
					*h = bench.NewHistogram()
				}
			}
		}
		out.Trials[i].Measurements = ms
	}
	return out
}

// Headlines are the quantiles every table shows.
var Headlines = []float64{.5, .95, .99}

func (s *Summary) operation(name string) Operation {
	op := Operation{Name: name}
	for _, side := range s.Sides {
		op.Sides = append(op.Sides, measure(side, name))
	}
	quantiles := slices.Clone(Headlines)
	for _, c := range s.Verdict.Comparisons {
		if c.Operation == name {
			quantiles = append(quantiles, c.Quantile)
		}
	}
	slices.Sort(quantiles)
	for _, q := range slices.Compact(quantiles) {
		r := Row{Label: verdict.Percentile(q), Quantile: q, Comparison: s.Comparison(name, q)}
		if q == 1 {
			r.Label = "max"
		}
		for _, m := range op.Sides {
			r.Values = append(r.Values, m.Response.Quantile(min(max(q, 0), 1)))
		}
		op.Rows = append(op.Rows, r)
	}
	if last := op.Rows[len(op.Rows)-1]; last.Quantile < 1 {
		r := Row{Label: "max", Quantile: 1}
		for _, m := range op.Sides {
			r.Values = append(r.Values, m.Response.Max())
		}
		op.Rows = append(op.Rows, r)
	}
	return op
}

// Comparison finds the verdict on an operation and quantile. With contradictions
// there is none: what rests on figures that cannot be is not shown.
func (s *Summary) Comparison(name string, q float64) *verdict.Comparison {
	if len(s.Contradictions) > 0 {
		return nil
	}
	for i := range s.Verdict.Comparisons {
		if c := &s.Verdict.Comparisons[i]; c.Operation == name && c.Quantile == q {
			return c
		}
	}
	return nil
}

// Shown are the comparisons that are shown.
func (s *Summary) Shown() []verdict.Comparison {
	if !s.Judged() {
		return nil
	}
	return s.Verdict.Comparisons
}

// measure merges what a side's valid trials saw of an operation.
func measure(side Side, name string) Measured {
	var ms []bench.Measurement
	for _, t := range side.Valid {
		one := t.Measurement(name)
		if one == nil {
			continue
		}
		ms = append(ms, *one)
	}
	return Measured{bench.Merge(name, ms...), len(ms)}
}

// Compared tells whether the run has two versions.
func (s *Summary) Compared() bool { return len(s.Sides) == 2 }

// Judged tells whether there are comparisons to show.
func (s *Summary) Judged() bool {
	return len(s.Contradictions) == 0 && len(s.Verdict.Comparisons) > 0
}

// Index is where a role's figures are in operation.sides, -1 when it has none.
func (s *Summary) Index(role bench.Role) int {
	return slices.IndexFunc(s.Sides, func(x Side) bool { return x.Role == role })
}
