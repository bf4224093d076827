package stack

import (
	"context"
	"time"

	"github.com/oauthbench/oauthbench/bench"
)

// usageTimeout bounds a reading that has to ask the engine.
const usageTimeout = 3 * time.Second

// Usage is what the processes of a stack have spent so far, server and database
// apart. A part that cannot be read is not Known.
//
// CPU counts from the start of the server's process and of the database's container.
// PeakRSS of the server is the largest resident set of its process since ResetPeak
// or its start; that of the database is the memory its processes hold now, shared
// buffers once and file cache not counted, because a sum of resident sets would
// count the shared buffers for every connection.
type Usage struct{ Server, Database bench.Usage }

// usageOf reads files of the kernel, within microseconds, and costs the stack nothing.
// Only an engine that runs elsewhere has to be asked.
func usageOf(s *Stack) Usage {
	return Usage{Server: s.server.usage(true), Database: s.base.usage(false)}
}

// Spent reads all that is told of what the stack has spent so far: Usage, Metrics and
// the counters of the server's database. It takes milliseconds and costs the stack as much: read
// it between trials. What cannot be read is not Known, or nil.
//
// Statements are exact at once. The other counters may come up to 10 s late: call AtRest first where
// that matters, as at the end of a run.
func (s *Stack) Spent() bench.Spending {
	ctx, cancel := context.WithTimeout(context.Background(), usageTimeout)
	defer cancel()
	spent := spentByProcesses(ctx, s)
	if c, err := s.store.Counters(ctx); err == nil {
		spent.Counters = &c
	}
	return spent
}

// Usage is Spent without the database's counters, which cost it something each time.
func (r Rehearsed) Usage(ctx context.Context) bench.Spending { return spentByProcesses(ctx, r.stack) }

func spentByProcesses(ctx context.Context, s *Stack) bench.Spending {
	usage := usageOf(s)
	spent := bench.Spending{Server: usage.Server, Database: usage.Database, Compilers: s.server.compilers()}
	if s.program.Metrics != "" {
		read := s.program.ReadMetrics
		if read == nil {
			read = GoMetrics
		}
		if m, err := ReadMetrics(ctx, s.access.http, s.access.Admin+s.program.Metrics, read); err == nil {
			spent.Runtime, spent.Pools, spent.Allocated = &m.Runtime, m.Pools, m.Allocated
			spent.Paused = m.Paused
		}
	}
	return spent
}

// ResetPeak starts the server's peak memory anew, where the system allows it.
func (s *Stack) ResetPeak() { s.server.resetPeak() }

// watchEvery is how often the database's connections are looked at. A look costs the database about
// half a millisecond.
const watchEvery = 200 * time.Millisecond

// Watch looks at what the connections to the database wait for until stop is called, which tells what
// was seen; nil when nothing was. It costs the generator nothing while it sends.
func Watch(s *Stack) (stop func() *bench.Waits) {
	ctx, cancel := context.WithCancel(context.Background())
	seen := make(chan *bench.Waits, 1)
	go func() {
		w, err := s.store.Watch(ctx, watchEvery)
		if err != nil || w.Looks == 0 {
			seen <- nil // What could not be looked at to the end is not told.
			return
		}
		seen <- &w
	}()
	return func() *bench.Waits { cancel(); return <-seen }
}
