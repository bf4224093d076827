package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// pairOf is the contestants in the order of their columns.
var pairOf = []string{"ours", "vegeta"}

// cost is what a request costs each contestant, and its peak memory, at fixed rates.
func cost(ctx context.Context, p *printer, o options) (err error) {
	s, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	var rows [][]column
	for _, rate := range o.rates {
		cpu := map[string][]time.Duration{}
		var rss = map[string]int64{}
		times := map[string][]time.Duration{}
		for round := range o.rounds {
			order := slices.Clone(pairOf)
			if round%2 == 1 {
				slices.Reverse(order)
			}
			for _, who := range order {
				r, err := compete(ctx, task{Contestant: who, URL: s.URL + "/", Rate: rate, Length: o.length})
				if err != nil {
					return err
				}
				if r.OK == 0 {
					return fmt.Errorf("%s at %v/s: nothing was answered", who, rate)
				}
				cpu[who] = append(cpu[who], r.CPU/time.Duration(r.OK))
				times[who] = append(times[who], r.Times[2])
				rss[who] = max(rss[who], r.PeakRSS)
			}
		}
		// Both of a round shared what the machine did: the median of their ratios.
		var ratios []float64
		for i := range o.rounds {
			ratios = append(ratios, float64(cpu["ours"][i])/float64(cpu["vegeta"][i]))
		}
		slices.Sort(ratios)
		row := []column{number("rate", "rate /s", rate, "%.0f")}
		for _, who := range pairOf {
			row = append(row, number(who+"_cpu_us", who+" CPU, µs a request", micros(middle(cpu[who])), "%.1f"))
		}
		ratio := ratios[len(ratios)/2]
		row = append(row, number("cpu_ratio", "ratio", ratio, "%.2f"))
		p.atMost(fmt.Sprintf("CPU per request at %.0f/s, of vegeta's", rate), mostCPU, ratio)
		p.atMost(fmt.Sprintf("peak memory at %.0f/s, of vegeta's", rate), mostMemory,
			float64(rss["ours"])/float64(rss["vegeta"]))
		for _, who := range pairOf {
			row = append(row, column{who + "_rss_bytes", who + " peak memory", rss[who],
				fmt.Sprintf("%.1f MB", float64(rss[who])/1e6)})
		}
		for _, who := range pairOf {
			row = append(row, number(who+"_p99_ms", who+" P99, ms", micros(middle(times[who]))/1000, "%.3f"))
		}
		rows = append(rows, row)
	}
	return p.table("cost", rows)
}

func number(key, heading string, value float64, format string) column {
	return column{key, heading, value, fmt.Sprintf(format, value)}
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// middle is the median of times.
func middle(times []time.Duration) time.Duration { return quantiles(slices.Clone(times), .5)[0] }
