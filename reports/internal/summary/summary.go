// Package summary says what a run or several releases hold, in words and figures,
// once for all formats: headline and reasons, the merged figures of each operation,
// what limited a version, footnotes. It draws nothing and writes no format. Audit
// looks for figures that contradict each other.
package summary

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/audit"
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
	// Spark is the ratio of each unit in turn, in blocks; "" when it is not known.
	Spark string
}

// Head is the row's label with the marks of what must be known of its values.
func (r Row) Head() string {
	if len(r.Figures) == 0 {
		return r.Label
	}
	return r.Label + " " + Marks(r.Figures)
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
var Headlines = bench.ComparedQuantiles

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
		r.Spark = s.spark(r.Comparison)
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

// Footnotes are numbered from 1; equal texts share a number.
type Footnotes []string

// Add returns the number of a text.
func (f *Footnotes) Add(text string) int {
	text = plaintext.Line(text)
	if i := slices.Index(*f, text); i >= 0 {
		return i + 1
	}
	*f = append(*f, text)
	return len(*f)
}

// Marks prints the numbers of footnotes: "[1,3]".
func Marks(notes []int) string {
	if len(notes) == 0 {
		return ""
	}
	var ns []string
	for _, n := range notes {
		ns = append(ns, strconv.Itoa(n))
	}
	return "[" + strings.Join(ns, ",") + "]"
}

// rolesOf are the sides of the run, the baseline first.
func rolesOf(s *Summary) []bench.Role {
	if s.Compared() {
		return []bench.Role{bench.Baseline, bench.Candidate}
	}
	return []bench.Role{bench.Candidate}
}

// columnWord names a side where there are two.
func columnWord(s *Summary, side bench.Role) string {
	if s.Compared() {
		return string(side) + ": "
	}
	return ""
}

// factSum adds up a fact over all trials of a side, warm-ups included. known is false when no
// trial has it.
func factSum(s *Summary, side bench.Role, name string) (sum int64, known bool) {
	for _, t := range s.Run.Trials {
		if n, ok := t.Facts[name]; ok && t.Role == side {
			sum, known = sum+n, true
		}
	}
	return sum, known
}

// Report is a run and what was decided about it. Run must not be nil; the zero
// Verdict stands for a run in which nothing was compared.
type Report struct {
	Run     *bench.Run
	Verdict verdict.Verdict
	// Paths are how the comparisons became known, for a picture; nil leaves it out.
	Paths []verdict.Path
}

// Decision is what the report says was decided: the verdict's decision, or Invalid when the
// run contradicts itself and nothing but response times was found against a version. ""
// means that nothing was compared. A program's exit code must come from here, so that it
// agrees with the page.
func (r Report) Decision() verdict.Decision { return audited(r.Verdict, Audit(r)).Decision }

// Audit returns one sentence for each contradiction among the figures of a report.
func Audit(r Report) []string { return audit.Of(r.Run, r.Verdict.Comparisons) }

// audited is what is left of a verdict when the stored figures contradict each other. What
// counts against a version stands, so that the audit never hides an error or a missed
// limit; a decision that rests on comparisons of response times, and a pass, do not.
func audited(v verdict.Verdict, contradictions []string) verdict.Verdict {
	if len(contradictions) == 0 {
		return v
	}
	against := v.Decision == verdict.Regression || v.Decision == verdict.Failed
	if !against || v.ByPercentiles {
		return verdict.Verdict{Decision: verdict.Invalid, Reasons: contradictions, SLOs: v.SLOs}
	}
	return verdict.Verdict{Decision: v.Decision, Reasons: slices.Concat(v.Reasons, contradictions), SLOs: v.SLOs}
}
