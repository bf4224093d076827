package reports

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/host"
	"github.com/oauthbench/oauthbench/reports/internal/fixture"
	"github.com/oauthbench/oauthbench/reports/internal/plot"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

// storeLarge stores a run of 10 million requests as a long comparison leaves it: 15
// epochs of 8 trials of a minute, six operations.
func storeLarge(tb testing.TB, dir string) (path string, requests int64) {
	tb.Helper()
	f := fixture.Fixture{Operations: []string{"authcode", "introspect", "jwks", "refresh", "revoke", "token"}, Pairs: 4,
		Epochs: 1, Rate: 240, Length: 60500 * time.Millisecond}
	run := f.Run() // one epoch; the others are drawn from it
	path = filepath.Join(dir, "run.jsonl")
	out, err := bench.CreateRunFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	const epochs = 15
	run.Slots = epochs * len(run.Trials)
	errs := []error{out.WriteHeader(run.Header)}
	for epoch := range epochs {
		for _, t := range run.Trials {
			t.Epoch, t.Block, t.Pair = epoch, t.Block+2*epoch, t.Pair+4*epoch
			for _, m := range t.Measurements {
				requests += m.Outcomes.Total()
			}
			errs = append(errs, out.WriteTrial(t))
		}
	}
	errs = append(errs, out.WriteEnd(*run.End))
	for _, err := range append(errs, out.Close()) {
		if err != nil {
			tb.Fatal(err)
		}
	}
	return path, requests
}

func readLarge(tb testing.TB, path string) summary.Report {
	tb.Helper()
	f, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	run, err := bench.ReadRun(f)
	if err != nil {
		tb.Fatal(err)
	}
	return summary.Report{Run: run, Verdict: fixture.Judged(run)}
}

// peak is the most memory that the process had from the system while f ran, in bytes, what
// it had before and could not return included. It is sampled each millisecond.
func peak(f func()) int64 {
	debug.FreeOSMemory()
	held := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	var most int64
	sample := func() {
		metrics.Read(held)
		most = max(most, int64(held[0].Value.Uint64()-held[1].Value.Uint64()))
	}
	done, sampled := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(sampled)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			sample()
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	}()
	f()
	close(done)
	<-sampled
	sample()
	return most
}

// largestPeak is what reading and rendering 10 million requests may take, in bytes.
const largestPeak = 200_000_000

// Ten million requests fit: what is live after reading, what rendering allocates in all,
// and what the process takes at most, stay below what would not. Memory is counted, no
// time is.
func TestTenMillionRequests(t *testing.T) {
	if testing.Short() {
		t.Skip("makes a run of 10 million requests")
	}
	path, requests := storeLarge(t, t.TempDir())
	if requests < 10_000_000 {
		t.Fatalf("%d requests", requests)
	}
	var before, read, written runtime.MemStats
	most := peak(func() {
		runtime.ReadMemStats(&before)
		r := readLarge(t, path)
		runtime.GC()
		runtime.ReadMemStats(&read)
		if live := int64(read.HeapAlloc) - int64(before.HeapAlloc); live > 60<<20 {
			t.Errorf("%d MB are live after reading", live>>20)
		}
		if err := OfRun(r).WriteAll(t.TempDir()); err != nil {
			t.Error(err)
		}
	})
	if most > largestPeak {
		t.Errorf("the process took %d MB", most/1_000_000)
	}
	runtime.ReadMemStats(&written)
	if all := written.TotalAlloc - read.TotalAlloc; all > 700<<20 {
		t.Errorf("rendering allocated %d MB", all>>20)
	}
	t.Logf("%d requests: at most %d MB from the system, %d MB live, reading allocated %d MB, rendering %d MB", requests,
		most/1_000_000,
		(int64(read.HeapAlloc)-int64(before.HeapAlloc))>>20, (read.TotalAlloc-before.TotalAlloc)>>20,
		(written.TotalAlloc-read.TotalAlloc)>>20)
}

func BenchmarkTenMillionRequests(b *testing.B) {
	path, _ := storeLarge(b, b.TempDir())
	b.Run("all", func(b *testing.B) {
		dir, before := b.TempDir(), host.ProcessUsage(os.Getpid())
		most := peak(func() {
			for b.Loop() {
				if err := OfRun(readLarge(b, path)).WriteAll(dir); err != nil {
					b.Error(err)
				}
			}
		})
		b.ReportMetric(float64(most)/1e6, "peak-MB")
		if after := host.ProcessUsage(os.Getpid()); before.Known && after.Known { // other programs do not count
			b.ReportMetric((after.CPU-before.CPU).Seconds()/float64(b.N), "CPU-s/op")
		}
	})
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			readLarge(b, path)
		}
	})
	r := readLarge(b, path)
	for _, f := range Formats {
		b.Run(f.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if !f.Single() {
					for _, one := range f.files(OfRun(r)) {
						if err := one.write(io.Discard); err != nil {
							b.Fatal(err)
						}
					}
					continue
				}
				if err := f.Write(io.Discard, OfRun(r)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("summary", func(b *testing.B) {
		for b.Loop() {
			summary.Of(r)
		}
	})
	b.Run("pictures", func(b *testing.B) {
		s := summary.Of(r)
		for b.Loop() {
			for _, fig := range plot.Draw(s).Of(plot.Wide) {
				if err := errors.Join(fig.WritePNG(io.Discard), fig.WriteSVG(io.Discard)); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}
