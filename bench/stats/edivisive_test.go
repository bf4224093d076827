package stats

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// slowDivergence is the statistic from its definition.
func slowDivergence(a, b []float64) float64 {
	mean := func(x, y []float64) float64 {
		sum := 0.0
		for _, p := range x {
			for _, q := range y {
				sum += math.Abs(p - q)
			}
		}
		return sum
	}
	m, n := float64(len(a)), float64(len(b))
	return m * n / (m + n) * (2*mean(a, b)/(m*n) - mean(a, a)/(m*(m-1)) - mean(b, b)/(n*(n-1)))
}

func TestCutIsTheBestOfAll(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for range 50 {
		x := make([]float64, 4+r.IntN(12))
		for i := range x {
			x[i] = r.NormFloat64() + float64(i/5)
		}
		best := 0.0
		for tau := 2; tau <= len(x)-2; tau++ {
			for end := tau + 2; end <= len(x); end++ {
				best = max(best, slowDivergence(x[:tau], x[tau:end]))
			}
		}
		if _, got := cut(x); math.Abs(got-best) > 1e-9 {
			t.Errorf("cut of %v has %v; the best is %v", x, got, best)
		}
	}
}

// levels draws n observations at each level with noise of deviation 1.
func levels(seed uint64, n int, at ...float64) []float64 {
	r := rand.New(rand.NewPCG(seed, 9))
	var x []float64
	for _, level := range at {
		for range n {
			x = append(x, level+r.NormFloat64())
		}
	}
	return x
}

func TestPlantedChangesAreFound(t *testing.T) {
	for _, c := range []struct {
		what   string
		series []float64
		want   []int // each within one place
	}{
		{"nothing at all", nil, nil},
		{"one release", []float64{5}, nil},
		{"too few to tell, however clear", []float64{1, 1, 1, 9, 9, 9}, nil},
		{"the same figure for ever", make([]float64, 20), nil},
		{"a step in eight releases", []float64{1, 1.1, .9, 1, 5, 5.1, 4.9, 5}, []int{4}},
		{"a step", levels(1, 12, 0, 5), []int{12}},
		{"up and down again", levels(2, 12, 0, 5, 0), []int{12, 24}},
		{"a staircase", levels(3, 15, 0, 5, 10), []int{15, 30}},
	} {
		got := ChangePoints(c.series, .05, 1)
		ok := len(got) == len(c.want)
		for i := range c.want {
			ok = ok && max(got[i].At-c.want[i], c.want[i]-got[i].At) <= 1 && got[i].P <= .05
		}
		if !ok {
			t.Errorf("%s: found %+v; want changes at %v", c.what, got, c.want)
		}
		if again := ChangePoints(c.series, .05, 1); !reflect.DeepEqual(got, again) {
			t.Errorf("%s: %+v, and at the second time %+v", c.what, got, again)
		}
	}
}

// A creep has no step of its own and is still noticed.
func TestCreepIsFound(t *testing.T) {
	x := levels(4, 24, 0)
	for i := range x {
		x[i] += float64(i) / 4
	}
	if len(ChangePoints(x, .05, 1)) == 0 {
		t.Error("a rise of six deviations over 24 releases was not found")
	}
}

// Series without a change alarm as often as the level says.
func TestNoChangeIsFoundInNoise(t *testing.T) {
	series, alarms := 300, 0
	if testing.Short() {
		series = 100
	}
	for i := range series {
		x := levels(uint64(1000+i), 16, 0)
		if before := slices.Clone(x); len(ChangePoints(x, .05, uint64(i))) > 0 {
			alarms++
		} else if !slices.Equal(x, before) {
			t.Fatal("the series was changed")
		}
	}
	t.Logf("%d of %d series alarm", alarms, series)
	if share := float64(alarms) / float64(series); share > .06 {
		t.Errorf("%d of %d series without a change alarm; want about 5 %%", alarms, series)
	}
}
