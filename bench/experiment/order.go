package experiment

import (
	"math/rand/v2"

	"github.com/oauthbench/oauthbench/bench"
)

// Blocks is the order of trials: for each block a coin decides between ABBA and
// BAAB, so that neither side can profit from a machine that gets faster or slower,
// whatever its rhythm (method: linear drift of 2 % a trial alarms 100 % of the time
// in batches, 17-19 % in fixed ABAB order, 4-5 % with the coin). With parts > 1 each
// block is run once for each load of an isolated run. Pair numbers count within a
// part. Both trials of a pair carry the same seed.
func Blocks(seed uint64, epochs, blocksPerEpoch, parts int) []bench.Slot {
	rng := rand.New(rand.NewPCG(seed, 0xb10c))
	var slots []bench.Slot
	for block := range epochs * blocksPerEpoch {
		for part := range parts {
			order := [4]bench.Role{bench.Baseline, bench.Candidate, bench.Candidate, bench.Baseline}
			if rng.IntN(2) == 1 {
				order = [4]bench.Role{bench.Candidate, bench.Baseline, bench.Baseline, bench.Candidate}
			}
			seeds := [2]uint64{rng.Uint64N(bench.MaxSeed), rng.Uint64N(bench.MaxSeed)}
			for position, role := range order {
				slots = append(slots, bench.Slot{
					Epoch:    block / blocksPerEpoch,
					Block:    block,
					Pair:     2*block + position/2,
					Position: position,
					Role:     role,
					Seed:     seeds[position/2],
					Part:     part,
				})
			}
		}
	}
	return slots
}

// FreshPairs is the order of trials when every pair begins with fresh servers: an epoch
// of one pair (one for each part), whose order is a coin's. The pairs are then
// independent of each other in all that a start can bring about.
func FreshPairs(seed uint64, pairs, parts int) []bench.Slot {
	rng := rand.New(rand.NewPCG(seed, 0xf8e5))
	var slots []bench.Slot
	for pair := range pairs {
		for part := range parts {
			order := [2]bench.Role{bench.Baseline, bench.Candidate}
			if rng.IntN(2) == 1 {
				order = [2]bench.Role{bench.Candidate, bench.Baseline}
			}
			pairSeed := rng.Uint64N(bench.MaxSeed)
			for position, role := range order {
				slots = append(slots, bench.Slot{Epoch: pair, Block: pair, Pair: pair, Position: position, Role: role,
					Seed: pairSeed, Part: part})
			}
		}
	}
	return slots
}
