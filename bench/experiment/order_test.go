package experiment

import (
	"testing"

	"github.com/oauthbench/oauthbench/bench"
)

func TestBlocksAreBalancedAndShareSeedsInPairs(t *testing.T) {
	abba := 0
	for seed := range uint64(200) {
		slots := Blocks(seed, 2, 2, 2)
		if len(slots) != 2*2*2*4 {
			t.Fatalf("%d slots; want 32", len(slots))
		}
		for i := 0; i < len(slots); i += 4 {
			b := slots[i : i+4]
			if b[0].Role != b[3].Role || b[1].Role != b[2].Role || b[0].Role == b[1].Role {
				t.Fatalf("block order %v %v %v %v; want ABBA or BAAB", b[0].Role, b[1].Role, b[2].Role, b[3].Role)
			}
			if b[0].Seed != b[1].Seed || b[2].Seed != b[3].Seed || b[0].Seed == b[2].Seed {
				t.Fatal("the two trials of a pair must share their seed, and only they")
			}
			if b[0].Pair != b[1].Pair || b[2].Pair != b[3].Pair || b[0].Pair == b[2].Pair {
				t.Fatal("pairs are numbered wrongly")
			}
		}
		if slots[0].Role == bench.Baseline {
			abba++
		}
	}
	// A fair coin: 100 of 200 with a standard deviation of 7.
	if abba < 65 || abba > 135 {
		t.Errorf("%d of 200 first blocks begin with the baseline; want about 100", abba)
	}
}

func TestFreshPairsAreBalancedAndShareSeeds(t *testing.T) {
	first := 0
	for seed := range uint64(200) {
		slots := FreshPairs(seed, 6, 2)
		if len(slots) != 6*2*2 {
			t.Fatalf("%d slots; want 24", len(slots))
		}
		for i := 0; i < len(slots); i += 2 {
			a, b := slots[i], slots[i+1]
			if a.Role == b.Role || a.Seed != b.Seed || a.Pair != b.Pair || a.Part != b.Part || a.Epoch != i/4 ||
				b.Epoch != a.Epoch {
				t.Fatalf("slots %+v and %+v are no pair of epoch %d", a, b, i/4)
			}
			if i > 0 && a.Seed == slots[i-2].Seed {
				t.Fatal("two pairs share a seed")
			}
			if a.Role == bench.Baseline {
				first++
			}
		}
	}
	// A fair coin: 1200 of 2400 with a standard deviation of 24.
	if first < 1080 || first > 1320 {
		t.Errorf("%d of 2400 pairs begin with the baseline; want about 1200", first)
	}
}
