package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"slices"
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
	defer func() { err = errors.Join(err, s.close()) }()
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
	for _, rate := range []float64{500, 2000} {
		for k, next := range scripts {
			next.Seed = uint64(k + 1)
			name := next.Delays
			if next.Stall > 0 {
				name = fmt.Sprintf("%s, a stall of %v", name, next.Stall)
			}
			for _, one := range who {
				truth, r, err := judged(ctx, s, next, task{Contestant: one, URL: s.url + "/scripted", Rate: rate, Length: length, Numbered: true})
				if err != nil {
					return err
				}
				rows = append(rows, accuracyRow(rate, name, one, truth, r.Times))
			}
		}
	}
	return p.table("accuracy", rows)
}

// judged runs one contestant against one script and returns the truth beside its result.
func judged(ctx context.Context, s *server, next script, t task) ([]time.Duration, result, error) {
	if err := s.script(ctx, next); err != nil {
		return nil, result{}, err
	}
	run := compete
	if tool, foreign := tools[t.Contestant]; foreign {
		run = tool
	}
	r, err := run(ctx, t)
	if err != nil {
		return nil, r, err
	}
	a, err := s.account(ctx)
	if err != nil {
		return nil, r, err
	}
	times := a.truths(r.FirstDue, float64(time.Second)/t.Rate)
	if r.FirstDue == 0 {
		times = a.ideal(t.Rate)
	}
	return quantiles(times, .5, .95, .99), r, nil
}

// accuracyRow tells each percentile beside the truth, and how far it is off.
func accuracyRow(rate float64, name, who string, truth, got []time.Duration) []column {
	row := []column{
		number("rate", "rate /s", rate, "%.0f"),
		{"delays", "delays", name, name},
		{"contestant", "generator", who, who},
	}
	all := true
	for i, q := range []string{"p50", "p95", "p99"} {
		off := column{q + "_error_ms", "off", nil, "-"}
		text := "-"
		if got[i] > 0 {
			e := got[i] - truth[i]
			all = all && within(got[i], truth[i])
			off.value, off.text = micros(e)/1000, fmt.Sprintf("%+.2f", micros(e)/1000)
			text = fmt.Sprintf("%.2f", micros(got[i])/1000)
		}
		row = append(row,
			number(q+"_truth_ms", "true "+q+", ms", micros(truth[i])/1000, "%.2f"),
			column{q + "_ms", "told", micros(got[i]) / 1000, text}, off)
	}
	verdict := "yes"
	if !all {
		verdict = "no"
	}
	return append(row, column{"within", "within 2 % or 0.15 ms", verdict, verdict})
}

// within tells whether a percentile is as near to the truth as it should be.
func within(got, truth time.Duration) bool {
	return (got - truth).Abs() <= max(truth/50, 150*time.Microsecond)
}
