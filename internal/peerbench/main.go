// Peerbench measures oauthbench's load generator beside others: what a request costs
// it, how much memory it needs, up to which rate it sends on time, and how far its
// percentiles are from a truth that is known in advance. docs/performance.md holds its
// tables.
//
// Server and generators run in processes of their own, this binary started again, so
// that the system attributes CPU time and memory exactly. The contestants take turns
// within one run: what else the machine does meets all of them, and ratios between
// columns mean more than the columns.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench/host"
	"github.com/oauthbench/oauthbench/internal/loopback"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "peerbench:", err)
		os.Exit(1)
	}
}

// options are what the command was asked for.
type options struct {
	rounds int           // The cost is measured so often.
	length time.Duration // One round takes so long.
	rung   time.Duration // length of one try at a rate
	quick  bool
	rates  []float64

	soak     time.Duration
	soakRate float64 // requests per second
}

// run is the whole command. Its first argument may name a part that a child plays.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	if len(args) == 1 {
		switch args[0] {
		case serverPart:
			return loopback.Serve(stdin, stdout, newScripted())
		case contestantPart:
			return contest(stdin, stdout)
		}
	}
	flags := flag.NewFlagSet("peerbench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	asJSON := flags.Bool("json", false, "print one JSON object for each row instead of Markdown tables")
	quick := flags.Bool("quick", false, "short rounds, to see that it works; the figures say little")
	only := flags.String("only", "",
		"one part alone: cost, kinds, parts, clean, accuracy or soak; soak is left out without this")
	write := flags.String("write", "", "put the tables into this page, each part's between its marks")
	soakFor := flags.Duration("soak", 30*time.Minute, "how long the soak takes")
	rate := flags.Float64("rate", 1000, "requests per second of the soak")
	if err := flags.Parse(args); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	p := &printer{out: stdout, json: *asJSON}
	o := options{rounds: 9, length: 10 * time.Second, rung: 3 * time.Second, rates: []float64{2000, 5000},
		soak: *soakFor, soakRate: *rate}
	if *quick {
		o.quick, o.rounds, o.length, o.rung = true, 2, 2*time.Second, time.Second
	}
	parts := []struct {
		name string
		run  func(context.Context, *printer, options) error
	}{{"cost", cost}, {"kinds", otherKinds}, {"parts", parts}, {"clean", clean}, {"accuracy", accuracy}, {"soak", soak}}
	known := *only == ""
	blocks := map[string]string{}
	for _, part := range parts {
		if *only == "" && part.name == "soak" || *only != "" && *only != part.name {
			continue
		}
		known = true
		fmt.Fprintf(stderr, "peerbench: %s\n", part.name)
		p.block.Reset()
		limits := len(p.limits)
		if err := p.table("machine", [][]column{machine()}); err != nil {
			return err
		}
		if err := part.run(ctx, p, o); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
		blocks[part.name] = p.block.String() + markdown(p.limits[limits:])
	}
	if !known {
		return fmt.Errorf("no part is named %q", *only)
	}
	if err := p.table("limits", p.limits); err != nil || *write == "" {
		return err
	}
	return writeBlocks(*write, blocks)
}

// machine says where and when the figures were made, and how busy the machine was.
func machine() []column {
	e := host.ThisEnvironment()
	load, _, _ := strings.Cut(host.LoadAverage(), " ")
	word := func(key, heading, value string) column { return column{key, heading, value, value} }
	return []column{
		word("date", "date", time.Now().UTC().Format(time.DateOnly)),
		word("cpu", "CPU", e.CPU),
		number("cores", "cores", float64(e.Cores), "%.0f"),
		word("kernel", "kernel", e.Kernel),
		word("go", "Go", e.Go),
		word("load", "load average before", load),
	}
}

// printer writes rows, as JSON lines or as a Markdown table.
type printer struct {
	out    io.Writer
	json   bool
	limits [][]column
	block  strings.Builder // what the part under way has printed, in Markdown
}

// column is one cell of a row: its name in JSON, its heading and text in Markdown.
type column struct {
	key, heading string
	value        any
	text         string
}

// table prints rows that have the same columns. Text goes left, numbers right.
func (p *printer) table(title string, rows [][]column) error {
	text := markdown(rows)
	p.block.WriteString(text)
	if p.json {
		for _, row := range rows {
			object := map[string]any{"table": title}
			for _, c := range row {
				object[c.key] = c.value
			}
			if err := json.NewEncoder(p.out).Encode(object); err != nil {
				return err
			}
		}
		return nil
	}
	_, err := io.WriteString(p.out, text)
	return err
}

// markdown is rows as a Markdown table; "" without any.
func markdown(rows [][]column) string {
	if len(rows) == 0 {
		return ""
	}
	line := func(cell func(column) string) string {
		s := "|"
		for _, c := range rows[0] {
			s += " " + cell(c) + " |"
		}
		return s + "\n"
	}
	text := line(func(c column) string { return c.heading }) + line(func(c column) string {
		if _, words := c.value.(string); words {
			return "---"
		}
		return "--:"
	})
	for _, row := range rows {
		text += "|"
		for _, c := range row {
			text += " " + c.text + " |"
		}
		text += "\n"
	}
	return "\n" + text + "\n"
}
