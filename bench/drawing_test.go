package bench

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"
)

// mix is a load of several streams.
func mix(length time.Duration, rates ...float64) Load {
	l := Load{Process: "poisson", Length: length}
	for _, r := range rates {
		l.Streams = append(l.Streams, Stream{Rate: r})
	}
	return l
}

func drawn(t *testing.T, l Load, seed uint64) Schedule {
	t.Helper()
	s, err := l.Draw(seed)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// chiSquared is how many standard deviations a sum of squares is from what chance alone makes of
// so many cells that add up to a fixed number.
func chiSquared(counts, expected []float64) float64 {
	var sum float64
	for k := range counts {
		sum += (counts[k] - expected[k]) * (counts[k] - expected[k]) / expected[k]
	}
	freedom := float64(len(counts) - 1)
	return (sum - freedom) / math.Sqrt(2*freedom)
}

// Arrivals are the same in whatever order they are asked for, by whomever, and each is found by
// its stream and number, which count without a gap.
func TestArrivalsDoNotDependOnOrder(t *testing.T) {
	for _, process := range Processes {
		l := mix(20*time.Second, 700, 200, 3)
		l.Process = process.Name
		all := drawn(t, l, 5)
		next := make([]int, 3)
		var last time.Duration
		var arrivals []Arrival
		for i := range all.Count {
			a := all.At(i)
			if a.Number != next[a.Stream] || a.Due < last {
				t.Fatalf("%s: arrival %d is %+v, after %v; want number %d", process.Name, i, a, last, next[a.Stream])
			}
			next[a.Stream]++
			last = a.Due
			arrivals = append(arrivals, a)
		}
		if want := []int{14000, 4000, 60}; !slices.Equal(next, want) || all.Of(1) != 4000 {
			t.Fatalf("%s: %d arrivals of the streams; want %d", process.Name, next, want)
		}
		rng := rand.New(rand.NewPCG(1, 1))
		again := drawn(t, l, 5)
		for range 3000 {
			i := rng.IntN(all.Count)
			if a := again.At(i); a != arrivals[i] {
				t.Fatalf("%s: arrival %d alone is %+v; want %+v", process.Name, i, a, arrivals[i])
			}
			if found := again.Find(arrivals[i].Stream, arrivals[i].Number); found != i {
				t.Fatalf("%s: arrival %d is found at %d", process.Name, i, found)
			}
		}
		shard := again.Shard(1, 3).Shard(1, 2) // numbers 4, 10, 16 and so on
		for k := range shard.Count {
			i := 4 + 6*k
			if a := shard.At(k); a != arrivals[i] || shard.Find(a.Stream, a.Number) != k {
				t.Fatalf("%s: arrival %d of a shard is %+v; want %+v", process.Name, k, a, arrivals[i])
			}
		}
		if at := again.AtOnce().At(100); at.Due != 0 || at.Number != arrivals[100].Number {
			t.Errorf("%s: at once, an arrival is %+v", process.Name, at)
		}
		half := again.Until(10 * time.Second)
		before := slices.IndexFunc(arrivals, func(a Arrival) bool { return a.Due >= 10*time.Second })
		if half.Count != before {
			t.Errorf("%s: %d arrivals until the half; want %d", process.Name, half.Count, before)
		}
	}
}

// Of a day at ten thousand a second nothing is kept that grows with it: the first, the middle and the
// last minutes' arrivals are drawn from little memory, and half of them come in the first half, but for chance.
func TestADayIsPlannedInLittleMemory(t *testing.T) {
	const most, window = 20 << 20, 10_000
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s := drawn(t, mix(24*time.Hour, 2000, 7500, 500), 1)
	if s.Count != 864_000_000 {
		t.Fatalf("%d arrivals; want 864,000,000", s.Count)
	}
	for _, from := range []int{0, s.Count / 2, s.Count - window} {
		for i := from; i < from+window; i++ {
			want := time.Duration(float64(i) / 10_000 * float64(time.Second))
			// The count before a time is binomial, with a deviation of 14,697 in the middle.
			if a := s.At(i); (a.Due - want).Abs() > 8*time.Second {
				t.Fatalf("arrival %d is due at %v; want about %v", i, a.Due, want)
			}
		}
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > most {
		t.Errorf("%d bytes were allocated; want at most %d", used, most)
	}
}

// Counts in equal windows are those of a Poisson process whose count is known, and those of
// neighbours, in one part of the tree or in two, do not depend on each other.
func TestCountsAreOfAPoissonProcess(t *testing.T) {
	const windows = 2000
	for seed := range uint64(10) {
		s := drawn(t, mix(200*time.Second, 500, 300), seed)
		counts, expected := make([]float64, windows), make([]float64, windows)
		byStream := [2][]float64{make([]float64, windows), make([]float64, windows)}
		for i := range s.Count {
			a := s.At(i)
			counts[a.Due*windows/s.Length]++
			byStream[a.Stream][a.Due*windows/s.Length]++
		}
		for k := range expected {
			expected[k] = float64(s.Count) / windows
		}
		if z := chiSquared(counts, expected); math.Abs(z) > 4 {
			t.Errorf("seed %d: counts scatter %.1f deviations more than those of a Poisson process", seed, z)
		}
		if r := correlation(counts[1:], counts[:windows-1]); math.Abs(r) > 4/math.Sqrt(windows) {
			t.Errorf("seed %d: counts of neighbours have a correlation of %.3f", seed, r)
		}
		if r := correlation(byStream[0], byStream[1]); math.Abs(r) > 4/math.Sqrt(windows) {
			t.Errorf("seed %d: counts of two streams have a correlation of %.3f", seed, r)
		}
	}
}

// Gaps are exponential, by the test of Kolmogorov and Smirnov at a level of 0.0001, and no gap tells the next:
// of a whole mix, of each of its streams, and across the bounds of parts.
func TestGapsAreExponential(t *testing.T) {
	const bound = 2.23 // of the distance times the root of the number
	for seed := range uint64(5) {
		s := drawn(t, mix(100*time.Second, 800, 200), seed)
		last := map[int]time.Duration{}
		gaps := map[int][]float64{}
		for i := range s.Count {
			a := s.At(i)
			for _, of := range []int{-1, a.Stream} { // -1 is the whole
				if at, ok := last[of]; ok {
					gaps[of] = append(gaps[of], (a.Due - at).Seconds())
				}
				last[of] = a.Due
			}
		}
		for of, rate := range map[int]float64{-1: 1000, 0: 800, 1: 200} {
			all := gaps[of]
			n := float64(len(all))
			if r := correlation(all[1:], all[:len(all)-1]); math.Abs(r) > 4/math.Sqrt(n) {
				t.Errorf("seed %d, stream %d: gaps in a row have a correlation of %.3f", seed, of, r)
			}
			slices.Sort(all)
			var distance float64
			for k, gap := range all {
				p := -math.Expm1(-rate * gap)
				distance = max(distance, math.Abs(p-float64(k)/n), math.Abs(p-float64(k+1)/n))
			}
			if distance*math.Sqrt(n) > bound {
				t.Errorf("seed %d, stream %d: gaps are %.4f from exponential; want at most %.4f", seed, of, distance,
					bound/math.Sqrt(n))
			}
		}
	}
}

// Each stream has its share of every stretch of a mix, and of every shard, but for chance.
func TestStreamsKeepTheirShares(t *testing.T) {
	const stretches = 100
	shares := []float64{.6, .3, .1}
	for seed := range uint64(10) {
		s := drawn(t, mix(100*time.Second, 600, 300, 100), seed)
		for name, part := range map[string]func(i int) int{
			"stretch": func(i int) int { return i * stretches / s.Count },
			"shard":   func(i int) int { return i % stretches },
		} {
			counts := make([]float64, stretches*len(shares))
			for i := range s.Count {
				counts[part(i)*len(shares)+s.At(i).Stream]++
			}
			var sum float64
			for k, n := range counts {
				expected := float64(s.Count/stretches) * shares[k%len(shares)]
				sum += (n - expected) * (n - expected) / expected
			}
			// A table of 100 by 3 with fixed sums.
			freedom := float64((stretches - 1) * (len(shares) - 1))
			if z := (sum - freedom) / math.Sqrt(2*freedom); math.Abs(z) > 4 {
				t.Errorf("seed %d: shares by %s scatter %.1f deviations more than by chance", seed, name, z)
			}
		}
	}
}

// Heads of coins have the binomial distribution, those that are thrown and those that are drawn.
func TestHeadsAreBinomial(t *testing.T) {
	const draws = 50_000
	for _, n := range []int{1, 7, 64, 65, 1000, fewCoins - 1, fewCoins, fewCoins + 1, 100_000, 432_000_001} {
		rng := rand.New(rand.NewPCG(uint64(n), 3))
		deviation := math.Sqrt(float64(n)) / 2
		// Cells of a quarter of a deviation, from -4 to 4; what is beyond goes to the ends.
		const cells = 32
		cell := func(k float64) int {
			return int(min(max((k-float64(n)/2)/deviation*4+cells/2, 0), cells-1))
		}
		counts, expected := make([]float64, cells), make([]float64, cells)
		for range draws {
			k := heads(rng, n)
			if k < 0 || k > n {
				t.Fatalf("%d heads of %d coins", k, n)
			}
			counts[cell(float64(k))]++
		}
		from, to := max(0, math.Floor(float64(n)/2-8*deviation)), min(float64(n), math.Ceil(float64(n)/2+8*deviation))
		all, _ := math.Lgamma(float64(n) + 1)
		for k := from; k <= to; k++ {
			expected[cell(k)] += draws * math.Exp(all+logCombinations(n, k)-float64(n)*math.Ln2)
		}
		var seen, want []float64 // of cells that may be expected to have some
		for k := range cells {
			if expected[k] > 5 {
				seen, want = append(seen, counts[k]), append(want, expected[k])
			}
		}
		if len(want) < 2 {
			t.Fatalf("%d coins: %d cells", n, len(want))
		}
		if z := chiSquared(seen, want); z > 5 {
			t.Errorf("%d coins: %.1f deviations from binomial", n, z)
		}
	}
}

// correlation is Pearson's of two lists.
func correlation(a, b []float64) float64 {
	n := float64(len(a))
	var sa, sb, aa, bb, ab float64
	for i := range a {
		sa, sb = sa+a[i], sb+b[i]
	}
	for i := range a {
		x, y := a[i]-sa/n, b[i]-sb/n
		aa, bb, ab = aa+x*x, bb+y*y, ab+x*y
	}
	return ab / math.Sqrt(aa*bb)
}

// BenchmarkArrivals is what one arrival costs whoever asks for all in turn, and for any of them.
func BenchmarkArrivals(b *testing.B) {
	s, err := mix(24*time.Hour, 2000, 7500, 500).Draw(1)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("in turn", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			s.At(i)
		}
	})
	b.Run("any", func(b *testing.B) {
		b.ReportAllocs()
		rng := rand.New(rand.NewPCG(1, 1))
		for b.Loop() {
			s.At(rng.IntN(s.Count))
		}
	})
}
