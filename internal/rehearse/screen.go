package rehearse

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/oauthbench/oauthbench/internal/digits"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/scenarios/upgrade"
)

// A terminal of 80 by 24 has the whole answer: so many faults at most, a few with two lines each, all others with
// one.
const (
	mostFaults = 6
	fewFaults  = 3
	mostLines  = 2
)

// writeScreen writes the answer for a terminal: what stands against the upgrade and what to do, what to announce,
// and the counts. Details has all.
func writeScreen(w io.Writer, report Report) {
	writeVerdict(w, report)
	faults, noticed, notes := sorted(report.Findings)
	lines := mostLines
	if len(faults) > fewFaults {
		lines = 1
	}
	for i, f := range faults {
		if i == mostFaults {
			fmt.Fprintf(w, "and %d more: --format details\n", len(faults)-i)
			break
		}
		wrapAtMost(w, lines, "FAULT ", plaintext.Line(f.Name+": "+f.Text))
	}
	if cure := cureOf(report, faults); cure != "" {
		wrapAtMost(w, mostLines, "  -> ", plaintext.Line(cure))
	}
	wrapAtMost(w, mostLines, "announce as lost: ", counted(noticed))
	wrapAtMost(w, 1, "no fault, to know: ", counted(notes))
	var rows []string
	for _, c := range rarestFirst(report.Source) {
		if c.Rows > 0 {
			rows = append(rows, fmt.Sprintf("%d of %d %s", c.Rows, c.Of, c.Name))
		}
	}
	wrapAtMost(w, mostLines, "source: ", strings.Join(rows, ", "))
	writeCounts(w, report)
	if t := report.Traffic; t != nil {
		wrap(w, "load: ", fmt.Sprintf(
			"%s, %d failed, %d late, %d wrong; longest time without a success %s, at "+
				"the switch %s", digits.Count(t.Sent, "request"), t.Failed, t.Late, t.Wrong,
			took(t.Gap), took(t.Switch)))
	}
	if a := report.Account; a != nil {
		inserted, updated, deleted := a.Totals()
		wrap(w, "migration: ", fmt.Sprintf(
			"%s, %s inserted, %d updated, %d deleted, %s of WAL, database %s -> %s",
			took(a.Took), digits.Count(inserted, "row"), updated, deleted, size(a.WALBytes), size(a.Before),
			size(a.After)))
	}
	writeProjection(w, report)
}

// rarestFirst are checks in the order of the share of rows that they found: what all rows have is no news.
func rarestFirst(checks []upgrade.Check) []upgrade.Check {
	checks = slices.Clone(checks)
	share := func(c upgrade.Check) float64 { return float64(c.Rows) / float64(max(c.Of, 1)) }
	slices.SortStableFunc(checks, func(a, b upgrade.Check) int { return cmp.Compare(share(a), share(b)) })
	return checks
}

// cureOf says what to do about faults: with a repair that is known, otherwise about the first.
func cureOf(report Report, faults []upgrade.Finding) string {
	switch {
	case len(faults) == 0:
		return ""
	case report.Repair != "" && report.Failed == "" && report.Options.Out != "":
		return "mend the migrated copy before green starts: rehearse again with --after-migrate " +
			filepath.Join(report.Options.Out, RepairName)
	}
	return faults[0].Cure
}

// counted are findings by name, with how many of how many.
func counted(all []upgrade.Finding) string {
	var names []string
	for _, f := range all {
		name := strings.TrimPrefix(f.Name, upgrade.FoundKind)
		names = append(names, fmt.Sprintf("%s (%d of %d)", plaintext.Line(name), f.Wrong, f.Of))
	}
	return strings.Join(names, ", ")
}

// writeVerdict writes the first lines.
func writeVerdict(w io.Writer, report Report) {
	word, sentence := verdictOf(report)
	fmt.Fprintf(w, "%s  %s\n", word, sentence)
	fmt.Fprintf(w, "%s -> %s, %s\n", plaintext.Line(report.From), plaintext.Line(report.To), report.Strategy)
	if report.Unfinished != "" {
		wrap(w, "  ", plaintext.Line(report.Unfinished))
	}
}

// writeCounts writes of how many the answer is.
func writeCounts(w io.Writer, report Report) {
	alive := ""
	if of, wrong := ended(report.Lines); of > 0 {
		alive = fmt.Sprintf(", %d of %d still alive", wrong, of)
	}
	wrap(w, "revoked or rotated: ", fmt.Sprintf("%d journalled, %d replayed%s", report.Captured, report.Replayed,
		alive))
	if report.CaughtUp > 0 {
		fmt.Fprintf(w, "rows of blue after the copy: %d inserted into green\n", report.CaughtUp)
	}
	asked, wrong := questions(report.Lines)
	if wrong > 0 && report.Failed == "" && !Failed(report) {
		fmt.Fprintf(w, "questions: %d asked, %d about what is told above and no fault\n", asked, wrong)
		return
	}
	fmt.Fprintf(w, "questions: %d asked, %d answered wrongly\n", asked, wrong)
}

// wrapAtMost wraps a text to so many lines, and says by dots that there is more; of no text, nothing.
func wrapAtMost(w io.Writer, lines int, indent, text string) {
	if text == "" {
		return
	}
	var b bytes.Buffer
	wrap(&b, indent, text)
	all := strings.SplitAfter(b.String(), "\n")
	if len(all)-1 <= lines { // the last is empty
		fmt.Fprint(w, b.String())
		return
	}
	last := strings.TrimSuffix(all[lines-1], "\n")
	const more = " ..."
	if len(last) > textWidth-len(more) {
		last = last[:strings.LastIndex(last, " ")]
	}
	fmt.Fprint(w, strings.Join(all[:lines-1], ""), last, more, "\n")
}
