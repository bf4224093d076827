package rehearse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/oauthbench/oauthbench/internal/digits"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/internal/wholefile"
	"github.com/oauthbench/oauthbench/reports/page"
	"github.com/oauthbench/oauthbench/scenarios/upgrade"
)

// everyStrategy is the value of --strategy that asks for all of them.
const everyStrategy = "all"

// strategyFlag is one strategy, or all.
type strategyFlag struct{ o *Options }

func (s strategyFlag) String() string {
	switch {
	case s.o == nil:
		return ""
	case s.o.Every:
		return everyStrategy
	}
	return s.o.Strategy.String()
}

func (s strategyFlag) Set(text string) error {
	if s.o.Every = text == everyStrategy; s.o.Every {
		s.o.Strategy = upgrade.BlueGreen
		return nil
	}
	if s.o.Strategy.Set(text) != nil {
		return fmt.Errorf("use one of %s, %s", upgrade.StrategyNames(), everyStrategy)
	}
	return nil
}

func (strategyFlag) Type() string { return "strategy" }

// alone are the options of each strategy on its own, in a directory of its own. What only one of them
// has is left out of the others.
func alone(o Options) (all []Options) {
	for _, s := range upgrade.Strategies() {
		one := o
		one.Every, one.Strategy, one.Out = false, s, filepath.Join(o.Out, string(s))
		if s != upgrade.BlueGreen {
			one.Canary, one.CatchUp, one.Copy = nil, false, ByDump
			one.Replay, one.ReplayRate, one.MigrationCPUs = ByAPI, 0, 0
		}
		all = append(all, one)
	}
	return all
}

// checkEvery finds what is wrong with a rehearsal of every strategy.
func checkEvery(o Options) error {
	if o.Resume != "" {
		return errors.New("--resume goes on with one strategy: name its directory, in that of --out")
	}
	if embeddedTarget(o.From) {
		return errors.New("--strategy all is for servers in containers: use reference:v1")
	}
	for _, one := range alone(o) {
		if exists(reportFile(one.Out)) || exists(filepath.Join(one.Out, private, optionsFile)) {
			return badDirectory("--out %q holds a rehearsal already: choose another directory", o.Out)
		}
	}
	return nil
}

// Beside are rehearsals of the same upgrade, one for each strategy.
type Beside struct {
	Out        string   `json:"-"`
	Strategies []Report `json:"strategies"`
}

// RunEvery rehearses an upgrade by every strategy, one after the other, and stores what sets them
// beside each other. One whose step could not be done ends it.
func RunEvery(ctx context.Context, o Options) (b Beside, err error) {
	b.Out = o.Out
	for _, one := range alone(o) {
		if o.Say != nil {
			o.Say("STRATEGY " + string(one.Strategy))
		}
		report, err := Run(ctx, one)
		if err != nil {
			return b, fmt.Errorf("%s: %w", one.Strategy, err)
		}
		b.Strategies = append(b.Strategies, report)
	}
	if err := wholefile.Replace(filepath.Join(o.Out, StrategiesName), b.page); err != nil {
		return b, &NotStored{err}
	}
	return b, nil
}

// StrategiesName is the page that sets strategies beside each other.
const StrategiesName = "strategies.html"

// Good tells whether at least one of them lost nothing that was not announced.
func (b Beside) Good() bool {
	return slices.ContainsFunc(b.Strategies, func(r Report) bool { return r.Failed == "" && !Failed(r) })
}

// Write writes them for programs, or one table for people.
func (b Beside) Write(w io.Writer, format Format) error {
	if format == JSON {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(b)
	}
	word, sentence := b.verdict()
	fmt.Fprintf(w, "%s  %s\n%s -> %s\n\n", word, sentence, plaintext.Line(b.Strategies[0].From),
		plaintext.Line(b.Strategies[0].To))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	head, rows := b.table()
	for _, row := range append([][]string{head}, rows...) {
		for i, cell := range row {
			if i > 0 {
				fmt.Fprint(t, "\t")
			}
			fmt.Fprint(t, plaintext.Line(cell))
		}
		fmt.Fprintln(t)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	for _, r := range b.Strategies {
		fmt.Fprintf(w, "report: %s\n", filepath.Join(r.Options.Out, PageName))
	}
	fmt.Fprintf(w, "report: %s\n", filepath.Join(b.Out, StrategiesName))
	return nil
}

func (b Beside) verdict() (word, sentence string) {
	var good []string
	for _, r := range b.Strategies {
		if r.Failed == "" && !Failed(r) {
			good = append(good, string(r.Strategy))
		}
	}
	switch len(good) {
	case 0:
		return failed, "no strategy keeps every session, every revocation and every answer"
	case 1:
		return passed, good[0] + " alone keeps every session, every revocation and every answer"
	}
	return passed, fmt.Sprintf("%d of %d strategies keep every session, every revocation and every answer", len(good),
		len(b.Strategies))
}

// table has a row for each measure and a column for each strategy.
func (b Beside) table() (head []string, rows [][]string) {
	head = []string{""}
	names := []string{"verdict", "outage", "requests refused or late", "wrong answers", "sessions lost",
		"issued meanwhile, lost", "revoked or used, alive again", "time to the switch"}
	rows = make([][]string, len(names))
	for i, name := range names {
		rows[i] = []string{name}
	}
	for _, r := range b.Strategies {
		head = append(head, string(r.Strategy))
		for i, cell := range standing(r) {
			rows[i] = append(rows[i], cell)
		}
	}
	return head, rows
}

// standing is what a strategy has done, measure by measure.
func standing(r Report) []string {
	word, _ := verdictOf(r)
	outage, refused, wrong := "no load", "no load", "no load"
	if t := r.Traffic; t != nil {
		outage = took(t.Outage)
		refused = fmt.Sprintf("%d of %d", t.Failed+t.Late, t.Sent)
		wrong = fmt.Sprintf("%d of %d", t.Wrong, t.Sent)
	}
	share := func(is func(upgrade.Line) bool) string {
		of, bad := 0, 0
		for _, l := range r.Lines {
			if l.Asked == upgrade.AfterSwitch && l.Kind.Token() && is(l) {
				of, bad = of+l.Of, bad+l.Wrong
			}
		}
		if of == 0 {
			return digits.None
		}
		return fmt.Sprintf("%d of %d", bad, of)
	}
	until := digits.None
	if d := untilSwitch(r.Steps); d > 0 {
		until = took(d)
	}
	return []string{word, outage, refused, wrong,
		share(func(l upgrade.Line) bool { return l.Expect == upgrade.Live && l.Made == upgrade.BeforeCopy }),
		share(func(l upgrade.Line) bool { return l.Expect == upgrade.Live && l.Made == upgrade.InWindow }),
		share(func(l upgrade.Line) bool { return l.Expect == upgrade.Dead }), until}
}

// untilSwitch is how long it took from the first step that touches a database to the end of the switch.
func untilSwitch(steps []upgrade.Step) time.Duration {
	begun := slices.IndexFunc(steps, func(s upgrade.Step) bool {
		return s.Name == upgrade.CopyStep || s.Name == upgrade.StopStep || s.Name == migrateOwn ||
			s.Name == beforeMigrate
	})
	switched := slices.IndexFunc(steps, func(s upgrade.Step) bool { return s.Name == upgrade.SwitchStep })
	if begun < 0 || switched < 0 {
		return 0
	}
	return steps[switched].Began.Add(steps[switched].Took).Sub(steps[begun].Began)
}

// page writes the table as a page.
func (b Beside) page(w io.Writer) error {
	word, sentence := b.verdict()
	head, rows := b.table()
	table := page.Table{ID: "strategies", Title: "Strategies beside each other", Head: head,
		Note: "Outage is the longest time in which nobody was granted, refreshed or revoked anything. Each " +
			"strategy was " +
			"rehearsed by itself on this machine, from a new database, with the same settings."}
	for _, row := range rows {
		table.Rows = append(table.Rows, page.Row{Cells: row, Marked: row[0] == "verdict"})
	}
	var reports []string
	for _, r := range b.Strategies {
		reports = append(reports, filepath.Join(string(r.Strategy), PageName))
	}
	first := b.Strategies[0]
	return page.WriteTables(w, page.Tables{Word: word, Subject: first.From + " to " + first.To, Sentence: sentence,
		Decision: decisions[word], Tables: []page.Table{table}, Lists: []page.List{{Title: "Reports", Items: reports}}})
}
