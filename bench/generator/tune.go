package generator

import (
	"errors"
	"math"
	"runtime"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator/priority"
)

const (
	// A request costs about this much CPU, so many cores of it may be used before
	// requests begin to wait for the generator.
	requestCost = 60 * time.Microsecond
	filled      = 0.6

	// spinning is about what a wake-up takes. It is only spent where the generator may use
	// two cores, which is where the machine has four: one of them is spare.
	spinning = 30 * time.Microsecond

	// A wake-up costs about 20 µs of CPU, as much as all the rest of a request. From this
	// rate on that is a tenth of a core: then several arrivals share one, late by less
	// than the 1 ms that a clean rate allows, and the server has the core.
	crowded = 4000 // per second
	grain   = 600 * time.Microsecond
)

// fit chooses a tuning for a load on a machine whose cores this process may use.
//
// A generator with more processors than it needs pays for them: the runtime wakes threads
// to look for work, which on an idle machine costs as much as the requests themselves
// (docs/performance.md). It never takes more than half of the cores.
func fit(l bench.Load, cores int) bench.Tuning {
	t := bench.Tuning{Pacing: l.Pacing, CPUs: l.CPUs}
	switch {
	case !canAlarm:
		t.Pacing = bench.Relaxed
	case t.Pacing == "":
		t.Pacing = bench.Precise
	}
	if n := len(l.CPUs); n > 0 {
		cores = min(cores, n)
	} else {
		cores = max(1, cores/2)
	}
	t.Processors = int(math.Ceil(l.Rate() * requestCost.Seconds() / filled))
	if t.Pacing == bench.Precise && cores >= 2 {
		t.Spin = spinning
		t.Processors++ // whoever spins answers nobody
	}
	if t.Pacing == bench.Precise && l.Rate() >= crowded {
		t.Grain = grain
	}
	t.Processors = min(max(t.Processors, 1), cores)
	return t
}

// Tune sets this process up for a load. restore takes everything back: what happens
// between trials has the whole machine.
func Tune(l bench.Load) (t bench.Tuning, restore func() error, err error) {
	before := runtime.GOMAXPROCS(0)
	t = fit(l, before)
	unbind := func() error { return nil }
	if len(t.CPUs) > 0 {
		if unbind, err = bindCPUs(t.CPUs); err != nil {
			return t, nil, err
		}
	}
	if t.Processors != before {
		runtime.GOMAXPROCS(t.Processors) // stops the world, even for the same number
	}
	var ordinary func() error
	t.Priority, ordinary = priority.Set(l.Priority)
	return t, func() error {
		if t.Processors != before {
			runtime.GOMAXPROCS(before)
		}
		return errors.Join(ordinary(), unbind())
	}, nil
}
