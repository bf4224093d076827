package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"oauthbench/bench"
)

// soak runs ours alone, in this process, and prints what it keeps by quarters: the
// memory it has from the system, the live heap, and goroutines.
func soak(ctx context.Context, p *printer, rate float64, length time.Duration) (err error) {
	s, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	done := make(chan error, 1)
	go func() {
		_, err := ours(task{URL: s.url + "/", Rate: rate, Length: length})
		done <- err
	}()
	const samples = 25 // of each quarter
	var rows [][]column
	for quarter := range 4 {
		var rss, heap, goroutines float64
		for range samples {
			if err := bench.Pause(ctx, length/4/samples); err != nil {
				return err
			}
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			rss += float64(bench.ResidentMemory()) / samples
			heap += float64(m.HeapInuse) / samples
			goroutines += float64(runtime.NumGoroutine()) / samples
		}
		rows = append(rows, []column{
			number("quarter", "quarter", float64(quarter+1), "%.0f"),
			{"rss_bytes", "mean resident memory", rss, fmt.Sprintf("%.1f MB", rss/1e6)},
			{"heap_bytes", "mean heap in use", heap, fmt.Sprintf("%.1f MB", heap/1e6)},
			number("goroutines", "mean goroutines", goroutines, "%.1f"),
		})
	}
	if err := <-done; err != nil {
		return err
	}
	return p.table("soak", rows)
}
