package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// parts shows what each part of ours does, by what it costs to do without: rows are ours
// as it is, and with one part exchanged for the plain one.
func parts(ctx context.Context, p *printer, o options) (err error) {
	s, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	variants := []string{"ours", "ours, relaxed", "ours, std transport", "vegeta"}
	var rows [][]column
	for _, rate := range o.rates {
		seen := map[string]*figures{}
		for _, who := range variants {
			seen[who] = &figures{}
		}
		for range o.rounds {
			for _, who := range variants {
				r, err := compete(ctx, task{Contestant: who, URL: s.URL + "/", Rate: rate, Length: o.length, Lag: true})
				if err != nil {
					return err
				}
				if r.OK == 0 {
					return fmt.Errorf("%s at %v/s: nothing was answered", who, rate)
				}
				f := seen[who]
				f.cpu = append(f.cpu, r.CPU/time.Duration(r.OK))
				f.p50 = append(f.p50, r.Times[0])
				f.lag50 = append(f.lag50, r.Lag[0])
				f.lag99 = append(f.lag99, r.Lag[1])
			}
		}
		for _, who := range variants {
			f := seen[who]
			rows = append(rows, []column{
				number("rate", "rate /s", rate, "%.0f"),
				{"generator", "generator", who, who},
				number("cpu_us", "CPU, µs a request", micros(middle(f.cpu)), "%.1f"),
				number("p50_ms", "P50, ms", micros(middle(f.p50))/1000, "%.3f"),
				number("lag_p50_ms", "send lag P50, ms", micros(middle(f.lag50))/1000, "%.3f"),
				number("lag_p99_ms", "send lag P99, ms", micros(middle(f.lag99))/1000, "%.3f"),
			})
		}
	}
	return p.table("parts", rows)
}

// figures are one contestant's, one of each round.
type figures struct{ cpu, p50, lag50, lag99 []time.Duration }
