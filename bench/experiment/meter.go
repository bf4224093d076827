package experiment

import (
	"os"
	"runtime"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/host"
)

// meter watches the machine during one trial.
type meter struct {
	spent     func() bench.Spending // by the deployment
	before    bench.Spending
	generator bench.Usage
	machine   host.CPUTime
	garbage   collections
	wall      time.Time // carries the monotonic clock too
	waits     func() *bench.Waits
}

func startMeter(s Side) meter {
	if s.ResetPeak != nil {
		s.ResetPeak()
	}
	waits := func() *bench.Waits { return nil }
	if s.Watch != nil {
		waits = s.Watch()
	}
	return meter{
		waits:     waits,
		spent:     s.Spent,
		before:    s.Spent(),
		generator: host.ProcessUsage(os.Getpid()),
		machine:   host.ReadCPUTime(),
		garbage:   readCollections(),
		wall:      time.Now(),
	}
}

// stop fills in what the trial and everybody else spent since the start.
func (m meter) stop(t *bench.Trial) {
	now := time.Now()
	t.Generator = host.ProcessUsage(os.Getpid()).Since(m.generator)
	readCollections().since(m.garbage, &t.Strain)
	end := host.ReadCPUTime()
	t.Waits = m.waits()
	spent := m.spent()
	t.Server = spent.Server.Since(m.before.Server)
	t.Database = spent.Database.Since(m.before.Database)
	t.Runtime = spent.Runtime
	t.Allocated = spent.AllocatedSince(m.before)
	t.Compilers = spent.Compilers.Since(m.before.Compilers)
	t.Paused = max(spent.Paused-m.before.Paused, 0)
	t.Pools = bench.PoolsSince(spent.Pools, m.before.Pools)
	if spent.Counters != nil && m.before.Counters != nil {
		counters := spent.Counters.Since(*m.before.Counters)
		t.Counters = &counters
	}
	t.Machine.Cores = runtime.NumCPU()
	t.Machine.ClockStep = now.Round(0).Sub(m.wall.Round(0)) - now.Sub(m.wall)
	total := end.Total - m.machine.Total
	if !end.Known || !m.machine.Known || total <= 0 {
		return
	}
	share := func(d time.Duration) float64 { return max(0, float64(d)/float64(total)) }
	t.Machine.Busy = share(end.Busy - m.machine.Busy)
	t.Machine.Steal = share(end.Steal - m.machine.Steal)
	t.Machine.Foreign = share(end.Busy - m.machine.Busy - t.Server.CPU - t.Database.CPU - t.Generator.CPU)
	// Without a part's usage, what it used would be taken for a stranger's.
	t.Machine.Known = t.Server.Known && t.Generator.Known && (t.Database.Known || !m.before.Database.Known)
}
