package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/bench/host"
)

// quarter is what was kept in one quarter of a soak.
type quarter struct {
	resident, heap, goroutines float64 // means; bytes
	least                      int     // goroutines
}

// soak runs ours alone, in this process, and prints what it keeps by quarters: the memory it
// has from the system, the heap in use, and goroutines. Growth shows in the least number of
// goroutines: a mean has every short stall in it.
func soak(ctx context.Context, p *printer, o options) (err error) {
	s, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	done := make(chan error, 1)
	go func() {
		// A second longer than it is watched: all samples are of the load.
		_, err := ours(requests{task: task{URL: s.URL + "/", Rate: o.soakRate, Length: o.soak + time.Second}})
		done <- err
	}()
	const samples = 25 // of each quarter
	began := time.Now()
	var quarters [4]quarter
	var rows [][]column
	for i := range quarters {
		q := &quarters[i]
		for k := range samples {
			next := began.Add(o.soak * time.Duration(i*samples+k+1) / (4 * samples))
			if err := generator.Pause(ctx, time.Until(next)); err != nil {
				return err
			}
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			now := runtime.NumGoroutine()
			if q.least == 0 || now < q.least {
				q.least = now
			}
			q.resident += float64(host.ResidentMemory()) / samples
			q.heap += float64(m.HeapInuse) / samples
			q.goroutines += float64(now) / samples
		}
		rows = append(rows, []column{
			number("quarter", "quarter", float64(i+1), "%.0f"),
			{"rss_bytes", "mean resident memory", q.resident, fmt.Sprintf("%.1f MB", q.resident/1e6)},
			{"heap_bytes", "mean heap in use", q.heap, fmt.Sprintf("%.1f MB", q.heap/1e6)},
			number("goroutines", "mean goroutines", q.goroutines, "%.1f"),
			number("least_goroutines", "least goroutines", float64(q.least), "%.0f"),
		})
	}
	if err := <-done; err != nil {
		return err
	}
	second, last := quarters[1], quarters[3]
	p.atMost(fmt.Sprintf("memory in the last quarter of %v at %.0f/s, of the second's", o.soak, o.soakRate),
		soakedMemory, spread{last.resident / second.resident})
	p.limit("least goroutines in the last quarter", fmt.Sprintf("at most %d, the second's", second.least),
		fmt.Sprint(last.least), last.least <= second.least)
	return p.table("soak", rows)
}
