package capacity

import (
	"math"
	"math/rand/v2"
)

// server is a simulated server in virtual time: its P99 grows as that of a queue does,
// and each trial reads it with noise. Its capacity under the limit is known exactly.
type server struct {
	service  float64 // P99 of an idle server, in seconds
	most     float64 // rate at which its queue grows without end
	limit    float64 // the SLO on P99, in seconds
	noise    float64 // SD of ln P99 that one trial reads
	rng      *rand.Rand
	slower   float64 // growth of the service time by each trial, as a table that fills brings about
	trials   int
	starts   int
	bimodal  float64 // part of starts that are a tenth slower
	slowNow  bool
	overload bool // a metastable server that was overloaded once stays so until it starts anew
	meta     bool
}

// newServer makes a server whose capacity under its limit is truth, with the limit at a
// utilisation of 0.8.
func newServer(truth, noise float64, seed uint64) *server {
	const utilisation = 0.8
	s := &server{service: 0.01, most: truth / utilisation, noise: noise, rng: rand.New(rand.NewPCG(seed, 1))}
	s.limit = s.service / (1 - utilisation)
	return s
}

// measure runs one trial and tells whether the limit was kept.
func (s *server) measure(step Step) bool {
	if step.Fresh || s.starts == 0 {
		s.starts++
		s.slowNow = s.rng.Float64() < s.bimodal
		s.overload = false
	}
	s.trials++
	service := s.service * math.Pow(1+s.slower, float64(s.trials))
	most := s.most
	if s.slowNow {
		service, most = service*1.1, most/1.1
	}
	if step.Rate >= most {
		s.overload = s.meta
		return false
	}
	if s.overload {
		return false
	}
	return service/(1-step.Rate/most)*math.Exp(s.noise*s.rng.NormFloat64()) <= s.limit
}

// run searches to the end.
func (s *server) run(d Design) *Search {
	search := New(d)
	for {
		step, ok := search.Next()
		if !ok {
			return search
		}
		outcome := Failed
		if s.measure(step) {
			outcome = Held
		}
		search.Record(outcome)
	}
}
