package trend

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// compared draws the ratios of releases that were each compared with the one before, with a standard
// error as ci has it on a calm machine. step is the true change at each release.
func compared(rng *rand.Rand, releases int, step func(release int) float64) []Ratio {
	const own, units = .015, 12
	var ratios []Ratio
	for i := 1; i < releases; i++ {
		// The error itself is estimated, from so many units.
		squares := 0.0
		for range units - 1 {
			squares += math.Pow(rng.NormFloat64(), 2)
		}
		ratios = append(ratios, Ratio{From: fmt.Sprint("v", i-1), To: fmt.Sprint("v", i),
			Log: math.Log1p(step(i)) + own*rng.NormFloat64(), Error: own * math.Sqrt(squares/(units-1)),
			Freedom: units - 1})
	}
	return ratios
}

// Chains without a change have a move in at most 5 %, a creep of 2 % a release that no single
// comparison with a margin of 10 % could convict is found, and so is a jump.
func TestCreepIsFoundAndNoCreepIsNot(t *testing.T) {
	const draws = 80
	for _, c := range []struct {
		what        string
		step        func(int) float64
		least, most int // chains with a move, of draws
	}{
		{"no change", func(int) float64 { return 0 }, 0, draws * 10 / 100},
		{"2 % a release", func(int) float64 { return .02 }, draws * 70 / 100, draws},
		{"8 % at one release", func(i int) float64 {
			return map[bool]float64{true: .08}[i == 5]
		}, draws * 75 / 100, draws},
	} {
		found := 0
		for i := range uint64(draws) {
			rng := rand.New(rand.NewPCG(i, 0x7e57))
			chain := NewChain(compared(rng, 12, c.step))
			if moves := chain.Moves(); len(moves) > 0 {
				found++
			}
		}
		t.Logf("%s: a move in %d of %d chains of 12 releases", c.what, found, draws)
		if found < c.least || found > c.most {
			t.Errorf("%s: a move in %d of %d chains; want %d to %d", c.what, found, draws, c.least, c.most)
		}
	}
}

// A creep is one move over the releases that crept, with what each added; before and after it
// there is none.
func TestCreepHasItsReleases(t *testing.T) {
	var ratios []Ratio
	for i := 1; i <= 20; i++ {
		step := 0.0
		if i > 5 && i <= 15 {
			step = math.Log(1.02)
		}
		ratios = append(ratios, Ratio{From: fmt.Sprint(i - 1), To: fmt.Sprint(i), Log: step, Error: .01, Freedom: 11})
	}
	chain := NewChain(ratios)
	moves := chain.Moves()
	if len(moves) != 1 || moves[0].From != 5 || moves[0].To != 15 {
		t.Fatalf("%+v; want one move from 5 to 15", moves)
	}
	m := moves[0]
	if math.Abs(m.EachRelease()-1.02) > 1e-9 || !(m.Low < m.Ratio && m.Ratio < m.High) || m.Low < 1 || m.P > .05 {
		t.Errorf("%+v, %v each; want 1.02 each, beyond chance", m, m.EachRelease())
	}
}

// Releases that were each compared with one baseline are joined by it; two ways between two
// releases agree on their mean, by precision; what no comparison joins is left.
func TestChainOfSharedVersions(t *testing.T) {
	chain := NewChain([]Ratio{
		{"a", "a", .5, .01, 9}, // a version with itself
		{"x", "y", .1, .01, 9},
		{"base", "v1", .10, .01, 9},
		{"base", "v2", .30, .01, 9},
		{"v1", "v2", .26, .01, 9},
	})
	if len(chain.Releases) != 3 || len(chain.Left) != 1 || chain.Left[0].From != "x" {
		t.Fatalf("%v, left %v; want base, v1, v2 and x left", chain.Releases, chain.Left)
	}
	// Least squares of three ratios that contradict each other by .06: each takes a third.
	for _, c := range []struct {
		from, to int
		want     float64
	}{{0, 1, .08}, {0, 2, .32}, {1, 2, .24}} {
		if got := math.Log(chain.Between(c.from, c.to).Ratio); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("from %d to %d: %v; want %v", c.from, c.to, got, c.want)
		}
	}
	if got, want := chain.errorBetween(0, 1), .01*math.Sqrt(2./3); math.Abs(got-want) > 1e-9 {
		t.Errorf("error %v; want %v", got, want)
	}
	if empty := NewChain(nil); empty.Moves() != nil {
		t.Error("a chain of nothing has moves")
	}
}
