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

// sends is what one contestant spent, round after round.
type sends struct{ cpu, memory, allocations, p99 spread }

// cost is what a request costs each contestant, and its peak memory, at fixed rates.
func cost(ctx context.Context, p *printer, o options) (err error) {
	s, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	var rows [][]column
	for _, rate := range o.rates {
		seen, err := rounds(ctx, s, o, kinds[0], rate)
		if err != nil {
			return err
		}
		rows = append(rows, append([]column{number("rate", "rate /s", rate, "%.0f")}, costRow(seen)...))
		cpu, memory := ratios(seen, func(s *sends) spread { return s.cpu }), ratios(seen,
			func(s *sends) spread { return s.memory })
		p.atMost(fmt.Sprintf("CPU per request at %.0f/s, of vegeta's", rate), mostCPU(rate), cpu)
		p.atMost(fmt.Sprintf("peak memory at %.0f/s, of vegeta's", rate), mostMemory, memory)
		p.atMost(fmt.Sprintf("allocations for a request at %.0f/s", rate), mostAllocations, seen["ours"].allocations)
	}
	return p.table("cost", rows)
}

// otherKinds is the cost of other kinds of exchange than the usual one.
func otherKinds(ctx context.Context, p *printer, o options) (err error) {
	s, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	var rows [][]column
	for _, k := range kinds[1:] {
		seen, err := rounds(ctx, s, o, k, o.rates[0])
		if err != nil {
			return err
		}
		row := []column{number("rate", "rate /s", o.rates[0], "%.0f"), {"kind", "kind", k.name, k.name}}
		rows = append(rows, append(row, costRow(seen)...))
	}
	return p.table("kinds", rows)
}

// rounds has the contestants send at a rate in turns, in another order each round.
func rounds(ctx context.Context, s server, o options, k kind, rate float64) (map[string]*sends, error) {
	url, err := s.url(ctx, k, "/")
	if err != nil {
		return nil, err
	}
	seen := map[string]*sends{"ours": {}, "vegeta": {}}
	for round := range o.rounds {
		order := slices.Clone(pairOf)
		if round%2 == 1 {
			slices.Reverse(order)
		}
		for _, who := range order {
			r, err := compete(ctx, task{Contestant: who, URL: url, Rate: rate, Length: o.length, Kind: k.name})
			if err != nil {
				return nil, err
			}
			if r.OK == 0 {
				return nil, fmt.Errorf("%s at %v/s: nothing was answered", who, rate)
			}
			of := seen[who]
			of.cpu = append(of.cpu, micros(r.CPU)/float64(r.OK))
			of.memory = append(of.memory, float64(r.PeakRSS)/1e6)
			of.allocations = append(of.allocations, float64(r.Mallocs)/float64(r.OK))
			of.p99 = append(of.p99, micros(r.Times[2])/1000)
		}
	}
	return seen, nil
}

// ratios are ours to vegeta's: both of a round shared what the machine did.
func ratios(seen map[string]*sends, of func(*sends) spread) spread {
	ours, vegeta := of(seen["ours"]), of(seen["vegeta"])
	var all spread
	for i := range ours {
		all = append(all, ours[i]/vegeta[i])
	}
	return all
}

func costRow(seen map[string]*sends) []column {
	var row []column
	each := func(key, heading, format string, of func(*sends) spread) {
		for _, who := range pairOf {
			row = append(row, of(seen[who]).cell(who+"_"+key, who+" "+heading, format))
		}
	}
	each("cpu_us", "CPU, µs a request", "%.1f", func(s *sends) spread { return s.cpu })
	cpu := ratios(seen, func(s *sends) spread { return s.cpu })
	row = append(row, cpu.cell("cpu_ratio", "ratio", "%.2f"))
	each("rss_mb", "peak memory, MB", "%.1f", func(s *sends) spread { return s.memory })
	each("allocations", "allocations", "%.1f", func(s *sends) spread { return s.allocations })
	each("p99_ms", "P99, ms", "%.3f", func(s *sends) spread { return s.p99 })
	return row
}

func number(key, heading string, value float64, format string) column {
	return column{key, heading, value, fmt.Sprintf(format, value)}
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// middle is the median of times.
func middle(times []time.Duration) time.Duration { return quantiles(slices.Clone(times), .5)[0] }
