package plancheck

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/oauthbench/oauthbench/internal/help"
	"github.com/oauthbench/oauthbench/internal/terminal"
)

// Columns of a value, of where it is from, and of what stands behind a label, so that a line fits a terminal.
const valueColumns, fromColumns, labelledColumns = 36, 20, help.Columns - 12

// WriteText writes a check for people: each value, and last, where a terminal shows it, what would be
// done.
func (c Check) WriteText(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "KEY\tVALUE\tFROM")
	var unset []string
	for _, v := range c.Settings {
		if v.Value == "" {
			unset = append(unset, v.Key)
			continue
		}
		key, from := v.Key, v.From
		if strings.ContainsRune(from, filepath.Separator) && utf8.RuneCountInString(from) > fromColumns {
			from = filepath.Base(from)
		}
		for _, part := range broken(v.Value, ",", valueColumns) {
			terminal.Fprintf(w, "%s\t%s\t%s\n", key, part, from)
			key, from = "", ""
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if len(unset) > 0 {
		fmt.Fprintln(out)
		for _, line := range help.Wrap("not set: "+strings.Join(unset, ", "), "", "  ") {
			fmt.Fprintln(out, line)
		}
	}
	fmt.Fprintln(out)
	return c.writeSummary(out)
}

// writeSummary says what would be done, at what cost.
func (c Check) writeSummary(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	label := func(name string, lines []string) {
		for _, line := range lines {
			for _, part := range broken(line, " ", labelledColumns) {
				terminal.Fprintf(w, "%s\t%s\n", name, strings.TrimSpace(part))
				name = ""
			}
		}
	}
	label("command", []string{"oauthbench " + c.Command})
	for _, t := range c.Targets {
		terminal.Fprintf(w, "%s\t%s\n", t.Role, t.Target)
	}
	label("would do", c.Would)
	label("cost", c.Cost)
	label("note", c.Notes)
	fmt.Fprintln(w, "started\tnothing")
	return w.Flush()
}

// broken is a text in parts of at most some columns that end behind a mark, where it has marks.
func broken(text, mark string, columns int) []string {
	var parts []string
	part := ""
	for _, piece := range strings.SplitAfter(text, mark) {
		if part != "" && utf8.RuneCountInString(part+piece) > columns {
			parts = append(parts, part)
			part = ""
		}
		part += piece
	}
	return append(parts, part)
}
