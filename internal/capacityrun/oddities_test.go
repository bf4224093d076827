package capacityrun

import (
	"math"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/capacity/searches"
)

// oddities are what a simulated server does in a trial beside being slow.
type oddities struct {
	failed float64 // failed is the share of requests that it answers by an error, at once.
	with   string  // with is the error.
	stood  float64 // stood is the share of requests that waited until it went on.
	longer time.Duration
}

// oddities are those of a trial that begins now.
func (s *simulated) oddities(o searches.Order) (odd oddities) {
	switch {
	case s.now.Before(s.banned):
		odd.failed, odd.with = 1, "status 429 slow_down"
	case s.lets > 0 && o.Rate > s.lets:
		odd.failed, odd.with = 1-s.lets/o.Rate, "status 429 slow_down"
		s.banned = s.now.Add(o.Length + s.penalty)
	case s.errs > 0 && o.Rate > s.errs:
		odd.failed, odd.with = s.share, "status 500 server_error"
	}
	if s.stalls > 0 {
		first := s.now.Truncate(s.stalls).Add(s.stalls)
		for at := first; at.Before(s.now.Add(o.Length)); at = at.Add(s.stalls) {
			odd.stood += s.stall.Seconds() / o.Length.Seconds()
		}
		odd.longer = s.stall
	}
	return odd
}

// within puts them into what was measured of an operation.
func (odd oddities) within(m *bench.Measurement) {
	if odd.failed == 0 && odd.stood == 0 {
		return
	}
	const most = 1000
	failed := int(math.Round(most * odd.failed))
	stood := min(int(math.Round(most*odd.stood)), most-failed)
	smooth := m.Response
	m.Response = bench.NewHistogram()
	m.Outcomes = bench.Outcomes{OK: int64(most - failed), Rejected: int64(failed)}
	m.Achieved *= 1 - odd.failed
	for range failed {
		m.Response.Record(10 * time.Second)
	}
	for i := range stood {
		m.Response.Record(odd.longer * time.Duration(i+1) / time.Duration(stood))
	}
	var at []float64
	for i := range most - failed - stood {
		at = append(at, (float64(i)+0.5)/float64(most-failed-stood))
	}
	for _, d := range smooth.Quantiles(at...) {
		m.Response.Record(d)
	}
	if failed > 0 {
		m.AddCase(odd.with, int64(failed))
	}
}
