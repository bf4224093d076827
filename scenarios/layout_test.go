package scenarios

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// ascending are n random intended starts within length.
func ascending(rng *rand.Rand, n int, length time.Duration) []time.Duration {
	starts := make([]time.Duration, n)
	for i := range starts {
		starts[i] = time.Duration(rng.Int64N(int64(length)))
	}
	slices.Sort(starts)
	return starts
}

// Whatever the arrivals: two uses of a chain are further apart than the timeout, no
// chain is used more often than it has uses left, and there are no more chains than
// that takes.
func TestChainsRestBetweenTheirUses(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		n, length := 1+rng.IntN(300), 1+rng.IntN(10)
		ask := Ask{Count: n, Starts: ascending(rng, n, time.Minute),
			Timeout: time.Duration(1 + rng.Int64N(int64(20*time.Second)))}
		left := make([]int, rng.IntN(20))
		for k := range left {
			left[k] = 1 + rng.IntN(length)
		}
		p := layOut(ask, length, slices.Clone(left))
		last, uses := map[int]int{}, map[int]int{}
		for i, k := range p.owner {
			if before, used := last[k]; used && ask.Starts[i]-ask.Starts[before] <= ask.Timeout {
				t.Fatalf("chain %d is used at %v and %v; the timeout is %v", k, ask.Starts[before], ask.Starts[i],
					ask.Timeout)
			}
			last[k], uses[k] = i, uses[k]+1
		}
		for k, n := range uses {
			most := length
			if k < len(left) {
				most = left[k]
			}
			if n > most || k >= p.chains {
				t.Fatalf("chain %d of %d is used %d times; it has %d left", k, p.chains, n, most)
			}
		}
		if p.chains != len(uses) {
			t.Fatalf("%d chains are taken, %d are used", p.chains, len(uses))
		}
		if p.spares < 1 {
			t.Fatal("no spares")
		}
	}
}

// Every retry comes at least the gap after the first request of its grant, and a grant
// is tried once or twice.
func TestRetriesKeepTheGap(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		n := 1 + rng.IntN(300)
		ask := Ask{Count: n, Starts: ascending(rng, n, time.Minute)}
		gap := time.Duration(rng.Int64N(int64(5 * time.Second)))
		first := map[int]int{}
		retried := map[int]bool{}
		for i, p := range pair(ask, gap) {
			before, known := first[p.grant]
			switch {
			case !p.retry && known, p.retry && (!known || retried[p.grant]):
				t.Fatalf("arrival %d: grant %d, retry %v, after %d", i, p.grant, p.retry, before)
			case p.retry && ask.Starts[i]-ask.Starts[before] < gap:
				t.Fatalf("retry after %v; the gap is %v", ask.Starts[i]-ask.Starts[before], gap)
			case p.retry:
				retried[p.grant] = true
			default:
				first[p.grant] = i
			}
		}
		if waiting := len(first) - len(retried); gap < time.Second && n == 300 && waiting > 20 {
			t.Errorf("%d of %d grants are never tried again with a gap of %v", waiting, len(first), gap)
		}
	}
}
