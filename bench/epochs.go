package bench

import "math/rand/v2"

// MaxSeed bounds every seed of a run: below it, readers of JSON that know only
// float64 read the same number.
const MaxSeed = 1 << 53

// Blocks is the order of trials: for each block a coin decides between ABBA and
// BAAB, so that neither side can profit from a machine that gets faster or slower,
// whatever its rhythm (method: linear drift of 2 % a trial alarms 100 % of the time
// in batches, 17-19 % in fixed ABAB order, 4-5 % with the coin). With parts > 1 each
// block is run once for each load of an isolated run. Pair numbers count within a
// part. Both trials of a pair carry the same seed.
func Blocks(seed uint64, epochs, blocksPerEpoch, parts int) []Slot {
	rng := rand.New(rand.NewPCG(seed, 0xb10c))
	var slots []Slot
	for block := range epochs * blocksPerEpoch {
		for part := range parts {
			order := [4]Role{Baseline, Candidate, Candidate, Baseline}
			if rng.IntN(2) == 1 {
				order = [4]Role{Candidate, Baseline, Baseline, Candidate}
			}
			seeds := [2]uint64{rng.Uint64N(MaxSeed), rng.Uint64N(MaxSeed)}
			for position, role := range order {
				slots = append(slots, Slot{
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
func FreshPairs(seed uint64, pairs, parts int) []Slot {
	rng := rand.New(rand.NewPCG(seed, 0xf8e5))
	var slots []Slot
	for pair := range pairs {
		for part := range parts {
			order := [2]Role{Baseline, Candidate}
			if rng.IntN(2) == 1 {
				order = [2]Role{Candidate, Baseline}
			}
			pairSeed := rng.Uint64N(MaxSeed)
			for position, role := range order {
				slots = append(slots, Slot{Epoch: pair, Block: pair, Pair: pair, Position: position, Role: role, Seed: pairSeed, Part: part})
			}
		}
	}
	return slots
}
