package verdict

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestPilot(t *testing.T) {
	for _, c := range []struct {
		name   string
		in     Input
		reason string
	}{
		{"three epochs say nothing", run(Full(), 3, nil), ""},
		{"a quiet machine", run(Full(), 4, nil), ""},
		{"a quiet machine and a slow candidate", run(Full(), 4, slowAll(3)), ""},
		{"the candidate's start decides more than anything", run(Full(), 4, func(u int, p *Pair) {
			p.Candidate = p.Candidate.slower([]float64{.5, 1, 2, 4}[u])
		}), "environment too noisy: token P50"},
		{"an accident in one epoch", run(Full(), 4, func(u int, p *Pair) {
			if u == 1 {
				p.Baseline = p.Baseline.slower(3)
			}
		}), ""},
		{"one percentile is noisy, and the others may still decide", run(Full(), 4, func(u int, p *Pair) {
			op := p.Candidate.Operations[0]
			op.Quantiles = slices.Clone(op.Quantiles)
			op.Quantiles[0].Value = time.Duration(float64(op.Quantiles[0].Value) * []float64{.5, .7, 1, 1.2}[u])
			p.Candidate.Operations = []Observation{op}
		}), ""},
	} {
		reasons, err := Pilot(c.in)
		got := strings.Join(reasons, "\n")
		if err != nil || (c.reason == "") != (got == "") || !strings.Contains(got, c.reason) {
			t.Errorf("%s: Pilot = %q, %v; want %q", c.name, got, err, c.reason)
		}
	}
	// The prediction seldom stops a run on a machine where runs decide.
	stopped := 0
	for i := range 200 {
		r := rand.New(rand.NewPCG(uint64(i), 4))
		if reasons, _ := Pilot(Input{Design: Design{Profile: Full()},
			Pairs: ci99.epochs(r, 4, .99, 1)}); len(reasons) > 0 {
			stopped++
		}
	}
	if stopped > 10 {
		t.Errorf("Pilot stops %d of 200 runs on the ci model; want at most 10", stopped)
	}
	// And mostly does on a machine where they do not.
	stopped = 0
	wild := noise{name: "wild", trial: 1.5}
	for i := range 200 {
		r := rand.New(rand.NewPCG(uint64(i), 4))
		if reasons, _ := Pilot(Input{Design: Design{Profile: Full()},
			Pairs: wild.epochs(r, 4, .99, 1)}); len(reasons) > 0 {
			stopped++
		}
	}
	if stopped < 150 {
		t.Errorf("Pilot stops %d of 200 runs on a machine whose trials scatter by a factor of 4; want at least 150",
			stopped)
	}
}

func TestFullLevelsAreComputed(t *testing.T) {
	p := Full()
	stored := p.Levels
	p.Levels = nil
	for i, l := range p.levels() {
		if l != stored[i] {
			t.Errorf("level %d of Full is %+v; computed %+v", i, stored[i], l)
		}
	}
	p.Looks, p.Levels = []int{10, 15, 20}, stored
	if got := p.levels(); got[0].Units != 10 {
		t.Errorf("levels of other looks were used: %+v", got)
	}
}
