package bench

import "time"

// Measurement is what one trial saw of one operation. Every figure covers the
// arrivals after the lead-in; only the Timeline shows the lead-in too.
type Measurement struct {
	Operation string   `json:"operation"`
	Offered   float64  `json:"offered"`  // arrivals per second
	Achieved  float64  `json:"achieved"` // arrivals per second that ended OK
	Outcomes  Outcomes `json:"outcomes"`
	// Cases counts the answers that were not OK, and what a check after the load
	// found, by what was wrong. At most 32 different ones; the rest is "other".
	Cases map[string]int64 `json:"cases,omitempty"`
	// Expectations has each case that was asked for, in order of appearance; nil for
	// workloads without a matrix.
	Expectations []Expected `json:"expectations,omitempty"`
	// Response holds every arrival, failed ones as max(observed, timeout).
	Response *Histogram `json:"response"`
	// Unsent is how many arrivals were dropped (see CatchUp): timeouts that have a
	// response time only.
	Unsent int64 `json:"unsent,omitempty"`
	// Service and SendLag hold every arrival that was sent, as it was observed.
	Service  *Histogram `json:"service"`
	SendLag  *Histogram `json:"send_lag"`
	Timeline []Second   `json:"timeline"`
}

// Second is one second of a trial: what became of the arrivals due in it, and how many
// expected answers came in it, whenever they were due. Seconds after the schedule's end
// have answers only. The times of a second without arrivals are 0.
type Second struct {
	At       time.Duration `json:"at_ns"` // beginning of the second, from the trial's start
	Outcomes Outcomes      `json:"outcomes"`
	Answered int64         `json:"answered,omitempty"` // in runs stored before it existed 0 throughout
	P50      time.Duration `json:"p50_ns"`             // response time, as in Measurement.Response
	P95      time.Duration `json:"p95_ns"`
	P99      time.Duration `json:"p99_ns"`
	Max      time.Duration `json:"max_ns"`
}

const maxCases = 32

// NewMeasurement returns an empty measurement of an operation.
func NewMeasurement(operation string) *Measurement {
	return &Measurement{
		Operation: operation,
		Cases:     map[string]int64{},
		Response:  NewHistogram(),
		Service:   NewHistogram(),
		SendLag:   NewHistogram(),
	}
}

// AddCase counts n more occurrences of what was wrong.
func (m *Measurement) AddCase(name string, n int64) {
	if m.Cases == nil {
		m.Cases = map[string]int64{}
	}
	if _, known := m.Cases[name]; !known && len(m.Cases) >= maxCases {
		name = "other"
	}
	m.Cases[name] += n
}

// Merge returns the sum of measurements of one operation: counts add up, histograms
// merge, rates are the mean over the measurements. The timelines of different trials
// have no common axis, so the sum has none. Nothing is changed; of nothing comes an
// empty measurement.
func Merge(operation string, ms ...Measurement) Measurement {
	sum := NewMeasurement(operation)
	for _, m := range ms {
		sum.Offered += m.Offered / float64(len(ms))
		sum.Achieved += m.Achieved / float64(len(ms))
		sum.Outcomes.Merge(m.Outcomes)
		sum.Unsent += m.Unsent
		for name, n := range m.Cases {
			sum.AddCase(name, n)
		}
		for _, e := range m.Expectations {
			sum.expectAll(e)
		}
		sum.Response.Merge(m.Response)
		sum.Service.Merge(m.Service)
		sum.SendLag.Merge(m.SendLag)
	}
	return *sum
}
