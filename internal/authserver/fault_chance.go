package authserver

import (
	"hash/fnv"
	"math/rand/v2"
	"sync/atomic"
)

// faultSeed makes the faults of one server independent of each other.
func faultSeed(seed uint64, what string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(what))
	return seed ^ h.Sum64()
}

// draw is the randomness of the n-th event.
func draw(seed, n uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, n)) }

// chance strikes a share of events. It may be used by any number of goroutines; a nil
// one never strikes.
type chance struct {
	share float64
	seed  uint64
	n     atomic.Uint64
}

func (c *chance) strikes() bool {
	return c != nil && draw(c.seed, c.n.Add(1)).Float64() < c.share
}
