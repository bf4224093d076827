// Prioritybench measures what a priority of the generator's threads buys, and whether a hashing canary
// between trials tells a slow host from a slow version. It compares a version with itself, in
// blocks of trials that take turns with each priority, so that what else the machine does meets
// all of them alike:
//
//	go run ./internal/prioritybench --for 100s >> trials.jsonl   # once, or more often
//	go run ./internal/prioritybench --sum trials.jsonl
//
// docs/performance.md has what was seen.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/experiment"
	"github.com/oauthbench/oauthbench/internal/cli"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/session"
	"github.com/oauthbench/oauthbench/internal/targets"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "serve" { // the embedded server, this binary started again
		os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "prioritybench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("prioritybench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	target := flags.String("target", "embedded:v2", "what is compared with itself")
	budget := flags.Duration("for", 100*time.Second, "how long to measure, from the start of the servers")
	length := flags.Duration("trial", 1200*time.Millisecond, "measured seconds of one trial")
	sum := flags.String("sum", "", "print tables of the trials in this file, and measure nothing")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *sum == "" {
		return measure(ctx, *target, *budget, *length, stdout, stderr)
	}
	f, err := os.Open(*sum)
	if err != nil {
		return err
	}
	defer f.Close()
	rows, err := read(f)
	if err != nil {
		return err
	}
	return tables(stdout, rows)
}

// priorities take turns, each a part of the run with a load of its own.
var priorities = []bench.Priority{bench.NoPriority, bench.ShortSlice, bench.RealTime}

// row is one trial as it is written.
type row struct {
	Began    time.Time      `json:"began"` // the measurement that the trial is of
	Priority bench.Priority `json:"priority"`
	Pair     int            `json:"pair"`
	Role     bench.Role     `json:"role"`
	Canary   time.Duration  `json:"canary_ns"` // what the canary took just before the trial
	Excluded bool           `json:"excluded"`
	LagP50   time.Duration  `json:"lag_p50_ns"`
	LagP99   time.Duration  `json:"lag_p99_ns"`
	// Quantiles by operation, at bench.ComparedQuantiles.
	Quantiles map[string][]time.Duration `json:"quantiles_ns"`
}

// measure measures until the time is over, and writes a line for each trial.
func measure(ctx context.Context, target string, budget, length time.Duration, stdout, stderr io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "prioritybench")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	p := plan.Default(plan.Compare)
	p.Baseline, p.Candidate, p.Out, p.Seed = target, target, dir, uint64(time.Now().UnixNano())%bench.MaxSeed
	t, err := targets.Parse(target, p)
	if err != nil {
		return err
	}
	began := time.Now()
	_, err = session.RunChosen(ctx, session.Request{Plan: p, Tool: "prioritybench", Observer: &observer{stderr},
		Targets: map[bench.Role]targets.Target{bench.Baseline: t, bench.Candidate: t}},
		func(ctx context.Context, c *session.Chosen) error {
			capacity, err := c.Capacity(ctx, bench.Baseline)
			if err != nil {
				return err
			}
			var loads []bench.Load
			for _, priority := range priorities {
				load := c.Load(capacity.Capacity/2, length)
				load.Priority = priority
				loads = append(loads, load)
			}
			if err := c.Begin("prioritybench", bench.Header{Loads: loads}); err != nil {
				return err
			}
			var canary time.Duration
			e := experiment.Experiment{Loads: loads, Sides: c.Sides(), Settle: c.Settle(),
				Progress: &experiment.Progress{}, Store: func(trial bench.Trial) error {
					line, err := json.Marshal(rowOf(began, trial, canary))
					if err == nil {
						_, err = fmt.Fprintf(stdout, "%s\n", line)
					}
					return errors.Join(err, c.Keep(trial))
				}}
			for _, slot := range experiment.Blocks(p.Seed, 1000, 1, len(loads)) {
				if slot.Part == 0 && slot.Position == 0 && time.Since(began) > budget {
					return nil
				}
				canary = timeCanary()
				if err := e.Run(ctx, []bench.Slot{slot}); err != nil {
					return err
				}
			}
			return nil
		})
	return err
}

func rowOf(began time.Time, t bench.Trial, canary time.Duration) row {
	r := row{Began: began, Priority: t.Tuning.Priority, Pair: t.Pair, Role: t.Role, Canary: canary,
		Excluded: len(t.Excluded) > 0, LagP50: t.Strain.LagP50, LagP99: t.Strain.LagP99,
		Quantiles: map[string][]time.Duration{}}
	for _, m := range t.Measurements {
		r.Quantiles[m.Operation] = m.Response.Quantiles(bench.ComparedQuantiles...)
	}
	return r
}

// read reads lines that measure wrote.
func read(r io.Reader) (rows []row, err error) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		var one row
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			return nil, err
		}
		rows = append(rows, one)
	}
	return rows, lines.Err()
}

// observer says what goes on, and shows nothing else.
type observer struct{ io.Writer }

func (o *observer) Say(format string, args ...any)      { fmt.Fprintf(o, format+"\n", args...) }
func (*observer) Follow(session.Activity) (stop func()) { return func() {} }
func (*observer) Publish(*bench.Run)                    {}
