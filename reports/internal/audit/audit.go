// Package audit looks for figures of a run that cannot all be true: the report checks its own
// input before it draws anything. It judges no server: a slow or failing one contradicts
// nothing.
package audit

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// Of returns one sentence for each contradiction in a run and in what was compared of it, nil
// for a sound run.
func Of(run *bench.Run, compared []verdict.Comparison) []string {
	a := &audit{}
	a.slots(run)
	for i := range run.Trials {
		a.trial(fmt.Sprintf("trial %d (%s)", i+1, run.Trials[i].Role), &run.Trials[i])
	}
	for _, c := range compared {
		a.comparison(run, c)
	}
	return a.found
}

// slots checks that no place in the order of the run was measured twice.
func (a *audit) slots(run *bench.Run) {
	type place struct {
		pair, part, again, position int
		role                        bench.Role
		warmup                      bool
		deployment                  string
	}
	seen := map[place]int{}
	for i, t := range run.Trials {
		if t.Warmup {
			continue // warm-up trials have no place in the order
		}
		p := place{t.Pair, t.Part, t.Again, t.Position, t.Role, t.Warmup, t.Deployment}
		if before, twice := seen[p]; twice {
			a.add("trials %d and %d claim the same place: pair %d, %s", before, i+1, t.Pair+1, t.Role)
		}
		seen[p] = i + 1
	}
}

func (a *audit) trial(where string, t *bench.Trial) {
	if t.Sent > t.Planned {
		a.add("%s: %d arrivals sent, only %d planned", where, t.Sent, t.Planned)
	}
	// Rates come from counts over the same time, so only rounding separates them.
	if t.Achieved > t.Offered*(1+1e-9) {
		a.add("%s: achieved %s, only %s offered", where, units.Rate(t.Achieved), units.Rate(t.Offered))
	}
	if math.IsNaN(t.Offered+t.Achieved) || math.IsInf(t.Offered+t.Achieved, 0) || t.Offered < 0 || t.Achieved < 0 {
		a.add("%s: offered rate %v and achieved rate %v", where, t.Offered, t.Achieved)
	}
	var recorded int64
	for i := range t.Measurements {
		m := &t.Measurements[i]
		if m.Achieved > m.Offered*(1+1e-9) {
			a.add("%s, %s: achieved %s, only %s offered", where, m.Operation, units.Rate(m.Achieved),
				units.Rate(m.Offered))
		}
		a.measurement(where+", "+m.Operation, m)
		a.rates(where+", "+m.Operation, t, m)
		recorded += m.Outcomes.Total()
	}
	if recorded > t.Sent+t.Dropped {
		a.add("%s: %d arrivals recorded, only %d sent and %d dropped", where, recorded, t.Sent, t.Dropped)
	}
	a.sums(where, t)
	a.littlesLaw(where, t)
}

func (a *audit) measurement(where string, m *bench.Measurement) {
	total := m.Outcomes.Total()
	o := m.Outcomes
	if min(o.OK, o.Rejected, o.Invalid, o.Timeout, o.Unreachable) < 0 {
		a.add("%s: a negative number of outcomes", where)
	}
	for _, h := range []struct {
		name  string
		total int64
		*bench.Histogram
	}{{"response time", total, m.Response}, {"service time", total - m.Unsent, m.Service},
		{"send lag", total - m.Unsent, m.SendLag}} {
		if h.Histogram == nil {
			a.add("%s: no histogram of %s", where, h.name)
			continue
		}
		if n := h.Count(); n != h.total {
			a.add("%s: %d outcomes, but %d values of %s", where, h.total, n, h.name)
		}
		// The histogram's cells carry 0.1 %, its minimum, maximum and sum are exact.
		if mean := h.Mean(); h.Count() > 0 && (mean < h.Min()-1 || mean > h.Max()+1) {
			a.add("%s: mean %s %v lies outside %v to %v", where, h.name, mean, h.Min(), h.Max())
		}
	}
	if m.Response != nil {
		q := m.Response.Quantiles(bench.ComparedQuantiles...)
		if !ascending(slices.Concat([]time.Duration{m.Response.Min()}, q, []time.Duration{m.Response.Max()})...) {
			words := ""
			for i, at := range bench.ComparedQuantiles {
				words += fmt.Sprintf("%s %v, ", verdict.Percentile(at), q[i])
			}
			a.add("%s: response times do not ascend: %smax %v", where, words, m.Response.Max())
		}
	}
	if m.Response != nil && m.Service != nil && m.Response.OutOfRange()+m.Service.OutOfRange() == 0 {
		if r, s := m.Response.Mean(), m.Service.Mean(); r < s-time.Microsecond {
			a.add("%s: mean response time %v is below mean service time %v, which it contains", where, r, s)
		}
	}
	var cases int64
	for _, n := range m.Cases {
		cases += n
	}
	if cases != o.Failed() {
		a.add("%s: %d arrivals did not end in OK, but %d cases were counted", where, o.Failed(), cases)
	}
	a.timeline(where, m)
}

// timeline checks the seconds; they cover the lead-in too, so they hold at least as
// many arrivals as the outcomes, but for wrong answers found after the load.
func (a *audit) timeline(where string, m *bench.Measurement) {
	if len(m.Timeline) == 0 {
		return
	}
	var sum int64
	for i, s := range m.Timeline {
		sum += s.Outcomes.Total()
		if !ascending(0, s.P50, s.P95, s.P99, s.Max) {
			a.add("%s: second %v: P50 %v, P95 %v, P99 %v, max %v do not ascend", where, s.At, s.P50, s.P95, s.P99,
				s.Max)
		}
		if i > 0 && s.At <= m.Timeline[i-1].At {
			a.add("%s: second %v comes after second %v", where, s.At, m.Timeline[i-1].At)
		}
	}
	if sum < m.Outcomes.Total()-m.Outcomes.Invalid {
		a.add("%s: %d outcomes, but only %d over time", where, m.Outcomes.Total(), sum)
	}
}

func (a *audit) comparison(run *bench.Run, c verdict.Comparison) {
	if !(c.Quantile > 0 && c.Quantile <= 1) {
		a.add("%s: a quantile of %v was compared", c.Operation, c.Quantile)
	}
	if i := c.Ratio; i.Low > i.Estimate*(1+1e-9) || i.Estimate > i.High*(1+1e-9) {
		a.add("%s: ratio %v lies outside its interval %v to %v", c.Name(), i.Estimate, i.Low, i.High)
	}
	for _, side := range []struct {
		role  bench.Role
		value time.Duration
	}{{bench.Baseline, c.Baseline}, {bench.Candidate, c.Candidate}} {
		if side.value < 0 {
			a.add("%s: %s took %v", c.Name(), side.role, side.value)
		}
		longest := time.Duration(-1)
		for _, t := range run.Trials {
			if m := t.Measurement(c.Operation); m != nil && t.Role == side.role && m.Response != nil {
				longest = max(longest, m.Response.Max())
			}
		}
		switch {
		case side.value == 0:
		case longest < 0:
			a.add("%s: compared, but never measured on the %s", c.Name(), side.role)
		case side.value > longest:
			a.add("%s: %v on the %s, whose longest response time is %v", c.Name(), side.value, side.role, longest)
		}
	}
}

func ascending(ds ...time.Duration) bool {
	for i := 1; i < len(ds); i++ {
		if ds[i] < ds[i-1] {
			return false
		}
	}
	return true
}
