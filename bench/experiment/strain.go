package experiment

import (
	"runtime/debug"

	"github.com/oauthbench/oauthbench/bench"
)

// collections is a reading of the garbage collector.
type collections struct{ debug.GCStats }

func readCollections() (c collections) {
	debug.ReadGCStats(&c.GCStats)
	return c
}

// since fills in the pauses between two readings.
func (c collections) since(before collections, s *bench.Strain) {
	s.Pauses = c.NumGC - before.NumGC
	s.PauseTotal = c.PauseTotal - before.PauseTotal
	s.PauseMax = 0
	for i := range min(int(s.Pauses), len(c.Pause)) { // the most recent first
		s.PauseMax = max(s.PauseMax, c.Pause[i])
	}
}

// addLag sums up the send lag of all operations.
func addLag(s *bench.Strain, ms []bench.Measurement) {
	all := bench.NewHistogram()
	for _, m := range ms {
		all.Merge(m.SendLag)
	}
	qs := all.Quantiles(.5, .99)
	s.LagP50, s.LagP99, s.LagMax = qs[0], qs[1], all.Max()
}
