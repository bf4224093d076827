package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestSequentialLevelsPublished(t *testing.T) {
	for _, c := range []struct {
		looks   []int
		nominal []float64
		spent   []float64
	}{
		{[]int{8, 12, 15}, []float64{.01953, .02124, .03186}, []float64{.0195, .0163, .0142}},
		{[]int{10, 15, 20}, []float64{.01367, .02396, .03479}, nil},
		{[]int{8, 16, 24}, []float64{.00781, .01932, .03690}, nil},
		{[]int{30}, []float64{.05}, []float64{.05}},
	} {
		got, err := SequentialLevels(c.looks, .05)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for k, level := range got {
			sum += level.Spent
			if math.Abs(level.Nominal-c.nominal[k]) > 5e-6 || level.Units != c.looks[k] {
				t.Errorf("SequentialLevels(%v)[%d] = %+v; want nominal %v", c.looks, k, level, c.nominal[k])
			}
			if c.spent != nil && math.Abs(level.Spent-c.spent[k]) > 5e-5 {
				t.Errorf("SequentialLevels(%v)[%d] = %+v; want spent %v", c.looks, k, level, c.spent[k])
			}
		}
		if !near(sum, .05) {
			t.Errorf("SequentialLevels(%v) spends %v; want 0.05", c.looks, sum)
		}
	}
}

// The joint law of two and three looks against every sign pattern of every
// arrival order.
func TestJointLawIsTheEnumeration(t *testing.T) {
	looks := []int{2, 4, 6}
	critical := []int{0, 1, 3}
	want, total := 0, 0
	permutations(6, func(order []int) {
		for pattern := range 1 << 6 {
			total++
			for k, n := range looks {
				x := make([]float64, n)
				for i := range x {
					x[i] = float64(order[i] + 1)
					if pattern>>i&1 == 1 {
						x[i] = -x[i]
					}
				}
				if n*(n+1)/2-rankSum(x) <= critical[k] {
					want++
					break
				}
			}
		}
	})
	got := 0.0
	for k := range looks {
		for _, p := range newJointRanks(looks[:k+1], critical[:k], critical[k]).run()[:critical[k]+1] {
			got += p
		}
	}
	if !near(got, float64(want)/float64(total)) {
		t.Errorf("P(crossing at a look) = %v; enumeration says %v", got, float64(want)/float64(total))
	}
}

func permutations(n int, f func([]int)) {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	var walk func(int)
	walk = func(i int) {
		if i == n {
			f(order)
			return
		}
		for j := i; j < n; j++ {
			order[i], order[j] = order[j], order[i]
			walk(i + 1)
			order[i], order[j] = order[j], order[i]
		}
	}
	walk(0)
}

// Plans large enough for the approximation and small enough to enumerate:
// critical values differ by one step at most.
func TestBrownianAgreesWithExact(t *testing.T) {
	for _, looks := range [][]int{{8, 12, 15}, {10, 15, 20}, {8, 16, 24}, {12, 24}, {5, 10}, {15, 30}} {
		budgets := make([]float64, len(looks))
		for k, n := range looks {
			budgets[k] = .05 * math.Pow(float64(n)/float64(looks[len(looks)-1]), 1.5)
		}
		exact, approximate := exactCriticals(looks, budgets), brownianCriticals(looks, budgets)
		for k := range looks {
			if d := exact[k] - approximate[k]; d < -1 || d > 1 {
				t.Errorf("looks %v: exact critical values %v, Brownian %v", looks, exact, approximate)
			}
		}
	}
}

// The overall error of a plan, simulated, is alpha or a little less.
func TestSequentialOverallLevel(t *testing.T) {
	runs := 40000
	if testing.Short() {
		runs = 5000
	}
	for _, looks := range [][]int{{8, 12, 15}, {20, 40, 60}, {6, 7, 8, 9, 10}} {
		levels, err := SequentialLevels(looks, .05)
		if err != nil {
			t.Fatal(err)
		}
		critical := make([]int, len(looks))
		for k, l := range levels {
			critical[k] = largestWithin(l.Units, l.Nominal)
		}
		if looks[len(looks)-1] == 60 {
			runs /= 4
		}
		r := rand.New(rand.NewPCG(17, uint64(len(looks))))
		crossed := 0
		for range runs {
			x := normals(r, looks[len(looks)-1], 0)
			for k, n := range looks {
				if n*(n+1)/2-rankSum(x[:n]) <= critical[k] {
					crossed++
					break
				}
			}
		}
		share := float64(crossed) / float64(runs)
		if noise := 3 * math.Sqrt(.05*.95/float64(runs)); share > .05+noise || share < .035-noise {
			t.Errorf("looks %v: overall level %.4f; want 0.05 or a little less", looks, share)
		}
		t.Logf("looks %v: overall level %.4f of %d runs", looks, share, runs)
	}
}

func TestSequentialLevelsRefuse(t *testing.T) {
	for _, c := range []struct {
		looks []int
		alpha float64
	}{{nil, .05}, {[]int{0, 5}, .05}, {[]int{5, 5}, .05}, {[]int{5, 4}, .05}, {[]int{5}, 0}, {[]int{5}, .5},
		{[]int{5}, math.NaN()}} {
		if got, err := SequentialLevels(c.looks, c.alpha); err == nil {
			t.Errorf("SequentialLevels(%v, %v) = %v; want an error", c.looks, c.alpha, got)
		}
	}
	// Four observations cannot reach the first look's share.
	got, err := SequentialLevels([]int{4, 8}, .05)
	if err != nil || got[0].Nominal != 0 || slices.ContainsFunc(got[1:], func(l Level) bool { return l.Nominal <= 0 }) {
		t.Errorf("SequentialLevels([4 8], .05) = %v, %v; want a first look that cannot decide", got, err)
	}
}
