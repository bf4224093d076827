package summary_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

func trialsOf(epochs, each int, effect float64, seed uint64) []bench.Trial {
	rng := rand.New(rand.NewPCG(seed, 1))
	var ts []bench.Trial
	for epoch := range epochs {
		start := effect * rng.NormFloat64()
		for range each {
			m := bench.Measurement{Operation: "token", Response: bench.NewHistogram()}
			for range 400 {
				m.Response.Record(time.Duration(1e7 * math.Exp(start+.2*rng.NormFloat64())))
			}
			ts = append(ts, bench.Trial{Slot: bench.Slot{Epoch: epoch}, Measurements: []bench.Measurement{m}})
		}
	}
	return ts
}

func TestLocate(t *testing.T) {
	trials := trialsOf(1, 6, 0, 1)
	all := bench.NewHistogram()
	for _, x := range trials {
		all.Merge(x.Measurements[0].Response)
	}
	for i, l := range summary.Locate(trials, "token", .95, .99) {
		if want := all.Quantile([]float64{.95, .99}[i]); l.Value != want {
			t.Errorf("%v; want the merged %v", l.Value, want)
		}
		if !l.Known() || l.Low >= l.Value || l.High <= l.Value || l.High > 2*l.Value {
			t.Errorf("%v in [%v, %v]", l.Value, l.Low, l.High)
		}
	}
	// A single trial, or two, tell nothing of how trials differ.
	if l := summary.Locate(trials[:1], "token", .95)[0]; l.Known() || l.Value == 0 {
		t.Errorf("one trial: %+v", l)
	}
	if l := summary.Locate(trials[:2], "token", .95)[0]; l.Known() {
		t.Errorf("two trials: %+v", l)
	}
	if l := summary.Locate(trials, "revoke", .95)[0]; l.Known() || l.Value != 0 {
		t.Errorf("not measured: %+v", l)
	}
	// The same every time, though groups are in a map.
	first := summary.Locate(trials, "token", .95)[0]
	for range 20 {
		if l := summary.Locate(trials, "token", .95)[0]; l != first {
			t.Fatalf("%+v and %+v", l, first)
		}
	}
}

// When epochs differ more than trials do, the interval knows it.
func TestLocateGroupsByEpoch(t *testing.T) {
	width := func(trials []bench.Trial) float64 {
		l := summary.Locate(trials, "token", .5)[0]
		return math.Log(float64(l.High) / float64(l.Low))
	}
	trials := trialsOf(6, 8, .1, 3)
	byEpoch := width(trials)
	for i := range trials {
		trials[i].Epoch = 0
	}
	if byTrial := width(trials); byEpoch < 1.5*byTrial {
		t.Errorf("%v wide by epochs, %v by trials; trials of an epoch are not independent", byEpoch, byTrial)
	}
}
