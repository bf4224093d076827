package rehearse

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/oauthbench/oauthbench/internal/digits"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/internal/rehearse/account"
	"github.com/oauthbench/oauthbench/scenarios/upgrade"
	"github.com/oauthbench/oauthbench/scenarios/upgrade/beside"
)

// Failed tells whether a rehearsal found a fault.
func Failed(report Report) bool {
	return slices.ContainsFunc(report.Findings, upgrade.Finding.Fault)
}

// Format is how a report is printed.
type Format string

// Formats.
const (
	Text    Format = "text"
	Details Format = "details"
	JSON    Format = "json"
)

// Write writes a report: for programs, or for people at a terminal with the place of the page.
func (r Report) Write(w io.Writer, format Format) error {
	if format == JSON {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(r)
	}
	var err error
	if format == Details {
		writeText(w, r)
		err = writeDetails(w, r)
	} else {
		writeScreen(w, r)
	}
	if r.Options.Out != "" {
		fmt.Fprintf(w, "report: %s\n", filepath.Join(r.Options.Out, PageName))
	}
	return err
}

// textWidth is how wide lines for a terminal are.
const textWidth = 79

// passed, failed and unfinished are what is said in one word.
const passed, failed, unfinished = "PASS", "FAIL", "INCONCLUSIVE"

// verdictOf is the answer in one word and one sentence.
func verdictOf(report Report) (word, sentence string) {
	switch {
	case report.Unfinished != "":
		return unfinished, fmt.Sprintf("the rehearsal did not come to its end, but to the step %q: nothing is decided",
			report.Failed)
	case report.Failed != "":
		return failed, "the rehearsal ended at the step: " + report.Failed
	case Failed(report):
		return failed, "do not upgrade like this"
	}
	return passed, "every session and every revocation of before the copy is at green"
}

// sorted parts findings into faults, losses that users will notice and that are to be announced, and
// what else there is to know.
func sorted(all []upgrade.Finding) (faults, noticed, notes []upgrade.Finding) {
	for _, f := range all {
		switch {
		case f.Fault():
			faults = append(faults, f)
		case f.Name == upgrade.FoundWindow || f.Name == upgrade.FoundGoneBack ||
			strings.HasPrefix(f.Name, upgrade.FoundKind):
			noticed = append(noticed, f)
		default:
			notes = append(notes, f)
		}
	}
	return faults, noticed, notes
}

// questions counts what was asked, and what was answered otherwise than must be.
func questions(lines []upgrade.Line) (asked, wrong int) {
	for _, l := range lines {
		asked, wrong = asked+l.Of, wrong+l.Wrong
	}
	return asked, wrong
}

// ended counts tokens that were revoked or used and asked about when all had gone over, and those that were alive.
func ended(lines []upgrade.Line) (of, alive int) {
	for _, l := range lines {
		if l.Asked == upgrade.AfterSwitch && l.Kind.Token() && l.Expect == upgrade.Dead {
			of, alive = of+l.Of, alive+l.Wrong
		}
	}
	return of, alive
}

// essentials are the figures of which a verdict is made, for who reads nothing else.
func essentials(report Report) (all []string) {
	add := func(text string, values ...any) { all = append(all, fmt.Sprintf(text, values...)) }
	if report.Captured > 0 {
		add("%d of %d revocations and rotations replayed", report.Replayed, report.Captured)
	}
	if of, alive := ended(report.Lines); of > 0 {
		add("%d of %d tokens still alive that were revoked or used", alive, of)
	}
	if t := report.Traffic; t != nil {
		add("%d of %d requests failed or were answered wrongly", t.Failed+t.Wrong, t.Sent)
		add("longest time without a success at the switch %s", took(t.Switch))
	}
	if a := report.Account; a != nil {
		inserted, updated, deleted := a.Totals()
		add("migrated in %s: %s rows written, %s to %s", took(a.Took), count(float64(inserted+updated+deleted)),
			size(a.Before), size(a.After))
	}
	return all
}

// writeText writes all that was found, with what to do about each.
func writeText(w io.Writer, report Report) {
	writeVerdict(w, report)
	faults, noticed, notes := sorted(report.Findings)
	for _, part := range []struct {
		mark, title string
		found       []upgrade.Finding
	}{{"FAULT", "", faults}, {"note ", "what users will notice, to be announced:", noticed},
		{"note ", "what else was found:", notes}} {
		if part.title != "" && len(part.found) > 0 {
			fmt.Fprintf(w, "\n%s\n", part.title)
		}
		for _, f := range part.found {
			fmt.Fprintf(w, "\n%s %s\n", part.mark, plaintext.Line(f.Name))
			wrap(w, "  ", plaintext.Line(f.Text))
			if f.Cure != "" {
				wrap(w, "  -> ", plaintext.Line(f.Cure))
			}
		}
	}
	for _, c := range report.Source {
		if c.Rows > 0 {
			wrap(w, "source: ", fmt.Sprintf("%d of %d %s: %s", c.Rows, c.Of, c.Name, c.Means))
		}
	}
	fmt.Fprintln(w)
	writeCounts(w, report)
	if seen := report.Witnessed; seen != nil {
		wrap(w, "rows of blue: ", fmt.Sprintf(
			"%s and %s; %d of them in no entry of the journal, and "+
				"replayed by the rows; %d of %d entries changed no row", digits.Count(seen.Rotated, "rotation"),
			digits.Count(seen.Ended, "other end"), seen.RowsOnly,
			seen.JournalOnly,
			seen.Entries))
	}
	if t := report.Traffic; t != nil {
		fmt.Fprintf(w, "load: %s, %d failed, %d late, %d wrong\n"+
			"longest time without a success: %s, at the switch %s\n",
			digits.Count(t.Sent, "request"), t.Failed, t.Late, t.Wrong, took(t.Gap), took(t.Switch))
	}
	writeAnnounced(w, report)
	if a := report.Account; a != nil {
		inserted, updated, deleted := a.Totals()
		fmt.Fprintf(w, "migration: %s, %s inserted, %d updated, %d deleted,\n"+
			"  %s of WAL, %s temporary, database %s -> %s\n",
			a.Took.Round(10*time.Millisecond), digits.Count(inserted, "row"), updated, deleted,
			size(a.WALBytes), size(a.TempBytes), size(a.Before), size(a.After))
		switch {
		case report.Held > 0:
			fmt.Fprintf(w, "  its database held to %g CPU meanwhile, so that blue went on\n", report.Held)
		case report.NotHeld != "":
			wrap(w, "  ", "its database had all processors, for the engine cannot hold it: "+
				plaintext.Line(report.NotHeld))
		}
	}
	writeProjection(w, report)
}

// writeAnnounced writes what green said that its migration would run.
func writeAnnounced(w io.Writer, report Report) {
	a := report.Announced
	if a == nil {
		return
	}
	wrap(w, "announced: ", fmt.Sprintf("%s, in %s; %d of them write rows that were there",
		digits.Count(a.Statements, "statement"), MigrationName, len(a.Writes)))
}

// writeProjection writes what the migration is expected to take in production.
func writeProjection(w io.Writer, report Report) {
	if report.NotProjected != "" {
		wrap(w, "projection: ", "none, a migration at a smaller size failed: "+plaintext.Line(report.NotProjected))
	}
	p := report.Projection
	if p == nil {
		return
	}
	seconds := within(func(s float64) string { return took(time.Duration(s * float64(time.Second))) })
	wrap(w, "projection: ", fmt.Sprintf("%s for your tables, %s rows updated, %s of WAL, %s temporary; not in it: "+
		"another disk, memory that no longer suffices, other programs", seconds(p.Total.Seconds),
		within(count)(p.Total.Updated), within(bytesOf)(p.Total.WALBytes), within(bytesOf)(p.Total.TempBytes)))
	if len(p.Missing) > 0 {
		wrap(w, "  ", "and tables without given rows: "+plaintext.Line(strings.Join(p.Missing, ", ")))
	}
}

// writeDetails writes the ledger, the checks, the account and the steps.
func writeDetails(w io.Writer, report Report) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\nasked\twhat\tmade\tended\tmust be\tasked\twrong")
	for _, l := range report.Lines {
		ended := l.Why
		if l.Ended != "" {
			ended += " " + string(l.Ended)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%d\t%d\n", l.Asked, l.Kind, l.Made, ended, l.Expect, l.Of, l.Wrong)
	}
	if len(report.Matrix) > 0 {
		fmt.Fprintln(t)
		writeMatrix(t, report.Matrix)
	}
	if len(report.Changes) > 0 {
		fmt.Fprintf(t, "\n%g requests a second\tblue alone\tgreen alone\tchange\n", report.Options.Rate)
	}
	for _, c := range report.Changes {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", c.What, figure(c.Before, c.Unit), figure(c.After, c.Unit), changed(c))
	}
	for _, part := range []struct {
		title  string
		checks []upgrade.Check
	}{{"rows of the source", report.Source}, {"rows after the migration", report.Migrated}} {
		if len(part.checks) > 0 {
			fmt.Fprintf(t, "\n%s\trows\tof\n", part.title)
		}
		for _, c := range part.checks {
			fmt.Fprintf(t, "%s\t%d\t%d\n", c.Name, c.Rows, c.Of)
		}
	}
	if a := report.Account; a != nil {
		fmt.Fprintln(t, "\ntable\tinserted\tupdated\tdeleted\tbefore\tafter")
		for _, x := range a.Tables {
			fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%s\t%s\n",
				x.Name, x.Inserted, x.Updated, x.Deleted, size(x.Before), size(x.After))
		}
	}
	if p := report.Projection; p != nil {
		fmt.Fprintln(t, "\nprojected\trows\ttime\tupdated\tWAL\ttemporary")
		for _, x := range p.Tables {
			fmt.Fprintf(t, "%s\t%s\t%.3g s [%.3g to %.3g]\t%s\t%s\t%s\n", cmp.Or(x.Name, "no table"), count(x.Rows),
				x.Seconds.Mean, x.Seconds.Low, x.Seconds.High, count(x.Updated.Mean), bytesOf(x.WALBytes.Mean),
				bytesOf(x.TempBytes.Mean))
		}
	}
	if a := report.Announced; a != nil && len(a.Writes) > 0 {
		fmt.Fprintln(t, "\nannounced to write rows")
		for _, one := range a.Writes[:min(len(a.Writes), mostStatements)] {
			fmt.Fprintln(t, plaintext.Line(one))
		}
	}
	writeBeside(t, report.Beside)
	for _, i := range report.Implied {
		fmt.Fprintf(t, "\n%s's totals would be\t%s rows of %s and %s of tokens and sessions\n", i.Who, count(i.Rows),
			i.Made, count(i.Carried))
	}
	if a := report.Account; a != nil && len(a.Statements) > 0 {
		fmt.Fprintln(t, "\nstatement took\trows\tWAL\ttemporary\tstatement")
		for _, x := range a.Statements[:min(len(a.Statements), mostStatements)] {
			fmt.Fprintf(t, "%s\t%d\t%s\t%s\t%s\n", took(x.Took), x.Rows, size(x.WALBytes), size(x.TempBytes),
				plaintext.Line(x.Text))
		}
	}
	for _, part := range []struct {
		where string
		of    *account.Account
	}{{"the copy", report.Account}, {"blue's database, in place", report.InPlace}} {
		if part.of == nil || part.of.Locks == nil {
			continue
		}
		fmt.Fprintf(t, "\nwaited on %s\twho\tfor whom\n", part.where)
		for _, w := range part.of.Locks.Waits {
			fmt.Fprintf(t, "%s\t%s\t%s\n", took(w.Longest), plaintext.Line(w.Waited), plaintext.Line(w.For))
		}
		if len(part.of.Locks.Waits) == 0 {
			fmt.Fprintf(t, "nobody in %s\n", digits.Count(part.of.Locks.Samples, "look"))
		}
	}
	fmt.Fprintln(t, "\nstep\ttook")
	for _, s := range report.Steps {
		fmt.Fprintf(t, "%s\t%s\n", s.Name, took(s.Took))
	}
	return t.Flush()
}

// writeBeside writes what servers heeded of each other while both served.
func writeBeside(t io.Writer, o beside.Outcome) {
	if len(o.Forth) == 0 {
		return
	}
	fmt.Fprintln(t, "\nnot heeded by the other\told, by another old\told, by new\tnew, by old")
	cell := func(all []beside.Door, name string) string {
		for _, d := range all {
			if d.Name == name && d.Of > 0 {
				return fmt.Sprintf("%d of %d", d.Wrong, d.Of)
			}
		}
		return digits.None
	}
	for _, d := range o.Forth {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", plaintext.Line(d.Name), cell(o.Control, d.Name), cell(o.Forth, d.Name),
			cell(o.Back, d.Name))
	}
}

// wrap writes words in lines of the terminal's width.
func wrap(w io.Writer, indent, text string) {
	line := indent
	for i, word := range strings.Fields(text) {
		if len(line)+1+len(word) > textWidth && i > 0 {
			fmt.Fprintln(w, strings.TrimRight(line, " "))
			line = strings.Repeat(" ", len(indent))
		}
		line += word + " "
	}
	fmt.Fprintln(w, strings.TrimRight(line, " "))
}
