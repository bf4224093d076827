package session

import (
	"math/rand/v2"

	"github.com/oauthbench/oauthbench/bench"
)

// repeats decides which disturbed pairs are measured again at the end of their
// epoch: both trials of the pair, whichever was disturbed, and at most a quarter of
// all pairs of the run.
type repeats struct {
	most  int // pairs that may be repeated
	left  int // of them
	block int // number of the next block; a repeated pair has one of its own
	rng   *rand.Rand
}

// room tells whether one more disturbed pair than those among trials could be measured again.
func (r *repeats) room(trials []bench.Trial) bool {
	type key struct{ part, pair, again int }
	disturbed := map[key]bool{}
	for _, t := range trials {
		if !t.Warmup && len(t.Excluded) > 0 {
			disturbed[key{t.Part, t.Pair, t.Again}] = true
		}
	}
	return len(disturbed) < r.most
}

// next returns the slots that replace the disturbed pairs among trials.
func (r *repeats) next(trials []bench.Trial) []bench.Slot {
	type key struct{ part, pair int }
	done := map[key]bool{}
	var slots []bench.Slot
	for _, t := range trials {
		k := key{t.Part, t.Pair}
		if t.Warmup || len(t.Excluded) == 0 || done[k] || r.left == 0 {
			continue
		}
		done[k] = true
		r.left--
		order := [2]bench.Role{bench.Baseline, bench.Candidate}
		if r.rng.IntN(2) == 1 {
			order[0], order[1] = order[1], order[0]
		}
		seed := r.rng.Uint64N(bench.MaxSeed)
		for position, role := range order {
			slot := t.Slot
			slot.Block, slot.Position, slot.Role, slot.Seed, slot.Again = r.block, position, role, seed, t.Again+1
			slots = append(slots, slot)
		}
		r.block++
	}
	return slots
}
