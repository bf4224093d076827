package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// tools are generators that are programs of their own, used where they are installed.
var tools = map[string]func(context.Context, task) (result, error){"wrk": wrk, "k6": k6}

// accuracy compares percentiles with the truth, where the server's delays are known.
func accuracy(ctx context.Context, p *printer, o options) (err error) {
	s, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	length := 10 * time.Second
	if o.quick {
		length = 4 * time.Second
	}
	scripts := []script{{Delays: "constant"}, {Delays: "log-normal"}, {Delays: "bimodal"}}
	scripts = append(scripts, script{Delays: "constant", Stall: length / 5, After: length / 4})
	who := slices.Clone(pairOf)
	for _, tool := range slices.Sorted(maps.Keys(tools)) {
		if _, err := exec.LookPath(tool); err == nil {
			who = append(who, tool)
		}
	}
	var rows [][]column
	within, judgements, twice := map[string]int{}, 0, 0
	for _, rate := range []float64{500, 2000} {
		for k, next := range scripts {
			next.Seed = uint64(k + 1)
			judgements++
			name := next.Delays
			if next.Stall > 0 {
				name = fmt.Sprintf("%s, a stall of %v", name, next.Stall)
			}
			for _, one := range who {
				c, err := judged(ctx, s, next,
					task{Contestant: one, URL: s.URL + "/scripted", Rate: rate, Length: length, Numbered: true})
				if err != nil {
					return err
				}
				rows = append(rows, accuracyRow(rate, name, one, c))
				if one == "ours" {
					twice += c.twice
				}
				if c.within() {
					within[one]++
				}
			}
		}
	}
	other, others, err := accuracyOfKinds(ctx, s, length)
	if err != nil {
		return err
	}
	p.limit("the same for other kinds of exchange", fmt.Sprintf("%d of %d", len(others), len(others)),
		fmt.Sprintf("%d of %d", other, len(others)), other == len(others))
	rows = append(rows, others...)
	p.limit("requests that the server got twice, in all of these rows", "0", fmt.Sprint(twice), twice == 0)
	found := ""
	for _, one := range who {
		found += fmt.Sprintf("%s %d, ", one, within[one])
	}
	p.limit("rows with P50, P95 and P99 within 2 % or 0.15 ms of the truth",
		fmt.Sprintf("%d of %d", judgements, judgements), strings.TrimSuffix(found, ", "), within["ours"] == judgements)
	return p.table("accuracy", rows)
}

// accuracyOfKinds has a row of ours for each other kind of exchange, and tells how many are within.
func accuracyOfKinds(ctx context.Context, s server, length time.Duration) (within int, rows [][]column, err error) {
	const rate = 1000
	for _, k := range kinds[1:] {
		url, err := s.url(ctx, k, "/scripted")
		if err != nil {
			return 0, nil, err
		}
		next := script{Delays: "constant", Seed: 1, Large: k.large}
		c, err := judged(ctx, s, next,
			task{Contestant: "ours", URL: url, Rate: rate, Length: length, Numbered: true, Kind: k.name})
		if err != nil {
			return 0, nil, err
		}
		if c.within() && c.twice == 0 {
			within++
		}
		rows = append(rows, accuracyRow(rate, k.name+", constant", "ours", c))
	}
	return within, rows, nil
}

// judged runs one contestant against one script and compares what it told with the truth.
func judged(ctx context.Context, s server, next script, t task) (comparison, error) {
	if err := s.script(ctx, next); err != nil {
		return comparison{}, err
	}
	run := compete
	if tool, foreign := tools[t.Contestant]; foreign {
		run = tool
	}
	r, err := run(ctx, t)
	if err != nil {
		return comparison{}, err
	}
	a, err := s.account(ctx)
	if err != nil {
		return comparison{}, err
	}
	return compare(a, r, t.Rate), nil
}

// accuracyRow tells each percentile beside the truth, and how far it is off; then how far
// single requests are, and how late they came to the server.
func accuracyRow(rate float64, name, who string, c comparison) []column {
	row := []column{
		number("rate", "rate /s", rate, "%.0f"),
		{"delays", "delays", name, name},
		{"contestant", "generator", who, who},
	}
	for i, q := range []string{"p50", "p95", "p99"} {
		told, off := missing(q+"_ms", "told"), missing(q+"_error_ms", "off")
		if c.told[i] > 0 {
			told = number(told.key, told.heading, micros(c.told[i])/1000, "%.2f")
			off = number(off.key, off.heading, micros(c.told[i]-c.truth[i])/1000, "%+.2f")
		}
		row = append(row, number(q+"_truth_ms", "true "+q+", ms", micros(c.truth[i])/1000, "%.2f"), told, off)
	}
	single := []struct {
		key, heading string
		of           []time.Duration
		at           int
	}{
		{"error_p1_ms", "off by request p1, ms", c.errors, 0},
		{"error_p50_ms", "p50", c.errors, 1},
		{"error_p99_ms", "p99", c.errors, 2},
		{"late_p50_ms", "at the server late by p50, ms", c.late, 0},
		{"late_p99_ms", "p99", c.late, 1},
	}
	for _, f := range single {
		cell := missing(f.key, f.heading)
		if c.pairs > 0 {
			cell = number(f.key, f.heading, micros(f.of[f.at])/1000, "%+.2f")
		}
		row = append(row, cell)
	}
	verdict := "no"
	if c.within() {
		verdict = "yes"
	}
	return append(row,
		number("unpaired", "unpaired", float64(c.unpaired), "%.0f"),
		column{"within", "within 2 % or 0.15 ms", verdict, verdict})
}

// missing is the cell of a figure that there is none of.
func missing(key, heading string) column { return column{key, heading, nil, "-"} }
