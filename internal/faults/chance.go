package faults

import (
	"hash/fnv"
	"math/rand/v2"
	"sync/atomic"
)

// Seed makes the faults of one server independent of each other.
func Seed(seed uint64, what string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(what))
	return seed ^ h.Sum64()
}

// draw is the randomness of the n-th event.
func draw(seed, n uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, n)) }

// Chance strikes a share of events. It may be used by any number of goroutines; a nil
// one never strikes.
type Chance struct {
	share float64
	seed  uint64
	n     atomic.Uint64
}

// NewChance strikes a share, from 0 to 1, of the events that it is asked about.
func NewChance(share float64, seed uint64) *Chance { return &Chance{share: share, seed: seed} }

// Strikes tells whether the next event is struck.
func (c *Chance) Strikes() bool {
	return c != nil && draw(c.seed, c.n.Add(1)).Float64() < c.share
}
