package reports

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"oauthbench/bench"
)

// storeLarge stores a run of 10 million requests as a long comparison leaves it: 15
// epochs of 8 trials of a minute, six operations.
func storeLarge(tb testing.TB, dir string) (path string, requests int64) {
	tb.Helper()
	f := fixture{operations: []string{"authcode", "introspect", "jwks", "refresh", "revoke", "token"}, pairs: 4, epochs: 1, rate: 240, length: 60500 * time.Millisecond}
	run := f.run() // one epoch; the others are drawn from it
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

func readLarge(tb testing.TB, path string) Report {
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
	return Report{Run: run, Verdict: judged(run)}
}

// Ten million requests fit: what is live after reading, and what rendering allocates in
// all, stay far below what would not. Allocations are counted, no time is.
func TestTenMillionRequests(t *testing.T) {
	if testing.Short() {
		t.Skip("makes a run of 10 million requests")
	}
	path, requests := storeLarge(t, t.TempDir())
	if requests < 10_000_000 {
		t.Fatalf("%d requests", requests)
	}
	var before, read, written runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	r := readLarge(t, path)
	runtime.GC()
	runtime.ReadMemStats(&read)
	if live := int64(read.HeapAlloc) - int64(before.HeapAlloc); live > 60<<20 {
		t.Errorf("%d MB are live after reading", live>>20)
	}
	if err := WriteAll(t.TempDir(), r); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&written)
	if all := written.TotalAlloc - read.TotalAlloc; all > 700<<20 {
		t.Errorf("rendering allocated %d MB", all>>20)
	}
	t.Logf("%d requests: %d MB live, reading allocated %d MB, rendering %d MB", requests,
		(int64(read.HeapAlloc)-int64(before.HeapAlloc))>>20, (read.TotalAlloc-before.TotalAlloc)>>20, (written.TotalAlloc-read.TotalAlloc)>>20)
}

func BenchmarkTenMillionRequests(b *testing.B) {
	path, _ := storeLarge(b, b.TempDir())
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
					for _, one := range f.files(summarize(r)) {
						if err := one.write(io.Discard); err != nil {
							b.Fatal(err)
						}
					}
					continue
				}
				if err := f.Write(io.Discard, r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("summary", func(b *testing.B) {
		for b.Loop() {
			summarize(r)
		}
	})
	for i, draw := range plots {
		b.Run(fmt.Sprintf("plot %d", i), func(b *testing.B) {
			s := summarize(r)
			for b.Loop() {
				for _, fig := range draw(s, wide) {
					if err := fig.writePNG(io.Discard); err != nil {
						b.Fatal(err)
					}
					if err := fig.writeSVG(io.Discard); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
