package audit

import (
	"fmt"
	"math"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// rates checks that rates times the time they are over are the counts they are of: the
// arrivals after the lead-in over the schedule's length, the expected answers over that
// or, of a server that fell behind, at most over the time until the last answer.
func (a *audit) rates(where string, t *bench.Trial, m *bench.Measurement) {
	window := (t.Load.Length - t.Load.LeadIn).Seconds()
	until := (t.Elapsed - t.Load.LeadIn).Seconds() // of a trial that was cut short, its window
	if window <= 0 || until <= 0 || math.IsNaN(m.Offered+m.Achieved) {
		return
	}
	// A wrong answer counts also when it came in the lead-in, or was found after the load.
	total, strays := float64(m.Outcomes.Total()), float64(m.Outcomes.Invalid)
	off := func(over float64) bool { return math.Abs(m.Offered*over-total) > strays+.5+1e-6*total }
	if off(window) && off(until) {
		a.add("%s: %s offered over %s make %.1f arrivals, %d are recorded", where, units.Rate(m.Offered),
			units.Duration(t.Load.Length-t.Load.LeadIn), m.Offered*window, m.Outcomes.Total())
	}
	least, most := m.Achieved*min(window, until), m.Achieved*max(window, until)
	ok := float64(m.Outcomes.OK)
	if ok < least*(1-1e-6)-strays-.5 || ok > most*(1+1e-6)+strays+.5 {
		a.add("%s: %s achieved over %s make %.1f expected answers, %d are recorded", where, units.Rate(m.Achieved),
			units.Duration(t.Load.Length-t.Load.LeadIn), least, m.Outcomes.OK)
	}
}

// sums checks that a trial's rates are those of its operations together.
func (a *audit) sums(where string, t *bench.Trial) {
	if len(t.Measurements) == 0 {
		return
	}
	var offered, achieved float64
	for _, m := range t.Measurements {
		offered += m.Offered
		achieved += m.Achieved
	}
	differ := func(x, y float64) bool { return math.Abs(x-y) > 1e-6*(math.Abs(x)+math.Abs(y)) }
	if differ(offered, t.Offered) || differ(achieved, t.Achieved) {
		a.add("%s: offered %s and achieved %s, its operations together %s and %s", where, units.Rate(t.Offered),
			units.Rate(t.Achieved), units.Rate(offered), units.Rate(achieved))
	}
}

// littlesLawShare and littlesLawEach are by how much the mean number in flight may differ
// from what the response times say: a share, and for each arrival the time that passed
// between its last byte and the moment the generator read it.
const (
	littlesLawShare = .05
	littlesLawEach  = time.Millisecond
)

// littlesLaw checks the mean number in flight (J. D. C. Little, Operations Research 9(3),
// 1961): it is the sum of all times spent over the time they were spent in. Those in a
// worker's hands cannot be more than the workers; those due and not answered were counted
// when answers were read, by a clock that the response times do not come from. A generator that
// sent late counted late as well, so that all of the send lag is allowed for.
func (a *audit) littlesLaw(where string, t *bench.Trial) {
	var service, response, lag, arrivals float64 // nanoseconds
	var strays float64
	clamped := false
	for i := range t.Measurements {
		m := &t.Measurements[i]
		if m.Service == nil || m.SendLag == nil {
			return // reported already
		}
		sum := func(h *bench.Histogram) float64 { return float64(h.Mean()) * float64(h.Count()) }
		service += sum(m.Service)
		response += sum(m.Service) + sum(m.SendLag)
		lag += sum(m.SendLag)
		arrivals += float64(m.Outcomes.Total())
		// A wrong answer found after the load may be recorded as one timeout long.
		strays += float64(m.Outcomes.Invalid) * float64(t.Load.Timeout)
		clamped = clamped || m.Service.OutOfRange()+m.SendLag.OutOfRange() > 0
	}
	workers := t.Load.Workers
	if workers == 0 {
		workers = bench.DefaultMaxWorkers
	}
	if busy := service - strays; t.Elapsed > 0 && busy > 1.01*float64(workers)*float64(t.Elapsed) {
		a.add("%s: %.0f requests in flight on average, only %d workers", where, busy/float64(t.Elapsed), workers)
	}
	window := float64(t.Elapsed - t.Load.LeadIn)
	if t.InFlight == 0 || window <= 0 || clamped {
		return // not counted, or not exactly
	}
	counted := t.InFlight * window
	low := (1-littlesLawShare)*response - strays - lag
	high := (1+littlesLawShare)*response + strays + lag + arrivals*float64(littlesLawEach)
	if math.IsNaN(counted) || counted < low || counted > high {
		a.add("%s: %.3g requests in flight on average, the response times say %.3g (Little's law)", where, t.InFlight,
			response/window)
	}
}

type audit struct{ found []string }

func (a *audit) add(format string, args ...any) {
	a.found = append(a.found, plaintext.Line(fmt.Sprintf(format, args...)))
}
