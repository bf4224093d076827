package summary

import (
	"slices"
	"time"

	"oauthbench/bench"
	"oauthbench/bench/verdict"
)

// summary is what every format says, computed once: the words of the first screen,
// the merged figures of each operation, and the footnotes.
type summary struct {
	run            *bench.Run
	counting       []bool // of each trial, whether the headline figures contain it
	deciding       []bool // of each trial, whether the comparisons contain it; none when every pair was disturbed
	verdict        verdict.Verdict
	paths          []verdict.Path
	contradictions []string
	sides          []side // baseline first; only those that the run has
	operations     []operation
	notes          footnotes
	known          map[*bench.Histogram][]time.Duration // see quantiles
}

// side is one version of the run.
type side struct {
	role       bench.Role
	deployment bench.Deployment
	valid      []bench.Trial
}

// operation is what the valid trials measured of one operation.
type operation struct {
	name  string
	sides []measured // as in summary.sides
	rows  []row
}

// measured is one side's merged measurement and of how many trials it is.
type measured struct {
	bench.Measurement
	trials int
}

// row is one line of the table: a quantile, or the maximum.
type row struct {
	label    string
	quantile float64
	values   []time.Duration // as in summary.sides; 0 where nothing was measured
	// comparison is nil for what was not compared.
	comparison *verdict.Comparison
	notes      []int // numbers of footnotes
}

func summarize(r Report) *summary {
	return summarizeAudited(r, Audit(r), map[*bench.Histogram][]time.Duration{})
}

// summarizeAudited is summarize with the contradictions and quantiles that are known.
func summarizeAudited(r Report, contradictions []string, known map[*bench.Histogram][]time.Duration) *summary {
	s := &summary{known: known, run: drawable(r.Run), verdict: r.Verdict, paths: r.Paths, contradictions: contradictions}
	s.counting = s.run.Counting()
	s.deciding = s.counting
	if len(s.run.Valid(bench.Baseline))+len(s.run.Valid(bench.Candidate)) == 0 {
		s.deciding = make([]bool, len(s.run.Trials))
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
		s.sides = append(s.sides, side{role, d, s.run.Shown(role)})
	}
	names := r.Run.Operations()
	for _, c := range r.Verdict.Comparisons {
		if !slices.Contains(names, c.Operation) {
			names = append(names, c.Operation)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		s.operations = append(s.operations, s.operation(name))
	}
	s.collectNotes()
	return s
}

// quantiles are a histogram's headline quantiles. They are remembered: pictures of
// several sizes ask for those of every trial.
func (s *summary) quantiles(h *bench.Histogram) []time.Duration {
	q, known := s.known[h]
	if !known {
		q = h.Quantiles(headlines...)
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

// headlines are the quantiles every table shows.
var headlines = []float64{.5, .95, .99}

func (s *summary) operation(name string) operation {
	op := operation{name: name}
	for _, side := range s.sides {
		op.sides = append(op.sides, measure(side, name))
	}
	quantiles := slices.Clone(headlines)
	for _, c := range s.verdict.Comparisons {
		if c.Operation == name {
			quantiles = append(quantiles, c.Quantile)
		}
	}
	slices.Sort(quantiles)
	for _, q := range slices.Compact(quantiles) {
		r := row{label: verdict.Percentile(q), quantile: q, comparison: s.comparison(name, q)}
		if q == 1 {
			r.label = "max"
		}
		for _, m := range op.sides {
			r.values = append(r.values, m.Response.Quantile(min(max(q, 0), 1)))
		}
		op.rows = append(op.rows, r)
	}
	if last := op.rows[len(op.rows)-1]; last.quantile < 1 {
		r := row{label: "max", quantile: 1}
		for _, m := range op.sides {
			r.values = append(r.values, m.Response.Max())
		}
		op.rows = append(op.rows, r)
	}
	return op
}

// comparison finds the verdict on an operation and quantile. With contradictions
// there is none: what rests on figures that cannot be is not shown.
func (s *summary) comparison(name string, q float64) *verdict.Comparison {
	if len(s.contradictions) > 0 {
		return nil
	}
	for i := range s.verdict.Comparisons {
		if c := &s.verdict.Comparisons[i]; c.Operation == name && c.Quantile == q {
			return c
		}
	}
	return nil
}

// shown are the comparisons that are shown.
func (s *summary) shown() []verdict.Comparison {
	if !s.judged() {
		return nil
	}
	return s.verdict.Comparisons
}

// measure merges what a side's valid trials saw of an operation.
func measure(side side, name string) measured {
	var ms []bench.Measurement
	for _, t := range side.valid {
		one := t.Measurement(name)
		if one == nil {
			continue
		}
		ms = append(ms, *one)
	}
	return measured{bench.Merge(name, ms...), len(ms)}
}

// compared tells whether the run has two versions.
func (s *summary) compared() bool { return len(s.sides) == 2 }

// judged tells whether there are comparisons to show.
func (s *summary) judged() bool {
	return len(s.contradictions) == 0 && len(s.verdict.Comparisons) > 0
}

// index is where a role's figures are in operation.sides, -1 when it has none.
func (s *summary) index(role bench.Role) int {
	return slices.IndexFunc(s.sides, func(x side) bool { return x.role == role })
}
