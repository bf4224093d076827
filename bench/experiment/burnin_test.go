package experiment

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
)

// Three windows in a row must gain less than a twentieth over the best before them.
func TestSettled(t *testing.T) {
	for _, c := range []struct {
		what    string
		windows []float64
		want    bool
	}{
		{"nothing yet", nil, false},
		{"three windows say nothing of a gain", []float64{100, 100, 100}, false},
		{"a server that is at its speed at once", []float64{100, 99, 101, 100}, true},
		{"the last one gained", []float64{100, 99, 101, 107}, false},
		{"the first of the last three gained", []float64{100, 106, 106, 106}, false},
		{"and is the best before the next", []float64{100, 106, 106, 106, 107}, true},
		{"a slow creep is no end", []float64{100, 104, 110, 116, 122}, false},
		{"one that got slower has settled", []float64{100, 90, 80, 80}, true},
		{"a compiler at work", []float64{261, 398, 512, 573, 726, 856, 960, 1029, 1209}, false},
		{"windows that scatter, the long ones as the short ones",
			[]float64{900, 700, 1000, 800, 1060, 700, 1120, 800, 1180, 850, 800}, true},
		{"and before there are three long ones",
			[]float64{900, 700, 1000, 800, 1060, 700, 1120, 800, 1180, 850}, false},
	} {
		if got := settled(c.windows); got != c.want {
			t.Errorf("%s: %v; want %v", c.what, got, c.want)
		}
	}
}

// Compilers that work in the last window are no end either, whatever they did before.
func TestCompilersAtRest(t *testing.T) {
	for _, c := range []struct {
		what  string
		cores []float64
		want  bool
	}{
		{"a server without any", nil, true},
		{"at work", []float64{0.02, 0.5}, false},
		{"at rest after work", []float64{0.8, 0.5, 0.09}, true},
		{"just not at rest", []float64{0.10}, false},
	} {
		if got := atRest(c.cores); got != c.want {
			t.Errorf("%s: %v; want %v", c.what, got, c.want)
		}
	}
}

// Only a server that was faster in its long windows than in its short ones needed them, and is
// burnt in at every later start: windows that scatter are none of its doing.
func TestGained(t *testing.T) {
	short := []float64{900, 700, 1000, 800, 1060, 700, 1120, 800}
	for _, c := range []struct {
		what string
		long []float64
		want bool
	}{
		{"there are no long windows", nil, false},
		{"they are as the short ones", []float64{850, 900, 800}, false},
		{"one of them was fast", []float64{850, 1300, 800}, false},
		{"they are faster", []float64{1000, 1010, 1020}, true},
		{"the last ones are faster", []float64{800, 820, 1000, 1010, 1020}, true},
	} {
		if got := gained(append(short[:len(short):len(short)], c.long...)); got != c.want {
			t.Errorf("%s: %v; want %v", c.what, got, c.want)
		}
	}
}

// A burn-in leaves most of a budget to the trials.
func TestMostBurnIn(t *testing.T) {
	for budget, want := range map[time.Duration]time.Duration{
		time.Minute: 20 * time.Second, 2 * time.Minute: 24 * time.Second, 10 * time.Minute: 2 * time.Minute,
		time.Hour: 2 * time.Minute,
	} {
		if got := MostBurnIn(budget); got != want {
			t.Errorf("of %v: %v; want %v", budget, got, want)
		}
	}
}

// A server that cannot be asked for a whole load at a time is burnt in by parts of it, all together as many
// requests; one that can be asked for next to nothing is told of.
func TestBurnInParts(t *testing.T) {
	for _, c := range []struct {
		fit  int
		want []int
	}{
		{1000, []int{250}},
		{100, []int{100, 100, 50}},
		{pilotFirst - 1, nil},
	} {
		synctest.Test(t, func(t *testing.T) {
			var sent []int
			tooMany := errors.New("so many tokens are not kept")
			side := Side{Deployment: "server", Client: generator.NewClientTransport(time.Minute, &memory{}),
				Prepare: func(_ context.Context, _ bench.Load, s bench.Schedule, _ uint64) (generator.Workload, error) {
					if s.Count > c.fit {
						return nil, &generator.TooManyError{Err: tooMany, Fit: c.fit}
					}
					sent = append(sent, s.Count)
					return workload{}, nil
				},
				Spent: func() bench.Spending { return bench.Spending{} },
			}
			err := side.Burn(t.Context(), []bench.Stream{{Scenario: "token", Rate: 1}}, 4, 250, time.Second, 1)
			if !slices.Equal(sent, c.want) || errors.Is(err, tooMany) != (c.want == nil) {
				t.Errorf("fit %d: sent %v, %v; want %v", c.fit, sent, err, c.want)
			}
		})
	}
}
