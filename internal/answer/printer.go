package answer

import (
	"fmt"
	"io"
	"slices"

	"oauthbench/internal/exitcode"
	"oauthbench/internal/nearest"
	"oauthbench/reports"
)

// Text is the format of a Printer that is told none.
const Text = "text"

// Printer prints what was found and says how the command ends.
type Printer struct {
	// Out gets the result: on a terminal the answer alone unless it is Detailed, elsewhere
	// the whole report, and in any Format but Text nothing else.
	Out io.Writer
	// Log gets what is said beside a result that is for programs.
	Log    io.Writer
	Format string // one of reports.SingleFormats; "" is Text
	Fail   exitcode.FailOn
}

// CheckFormat refuses what is no format of one file.
func CheckFormat(name string) error {
	if i := indexOfFormat(name); i < 0 || !reports.Formats[i].Single() {
		return fmt.Errorf("--format %q: %s", name, nearest.Cure(name, reports.SingleFormats()))
	}
	return nil
}

func indexOfFormat(name string) int {
	return slices.IndexFunc(reports.Formats, func(f reports.Format) bool { return f.Name == name })
}

// text tells whether people read what is printed.
func (p Printer) text() bool { return p.Format == "" || p.Format == Text }

// aside is where it is said what is no part of the result.
func (p Printer) aside() io.Writer {
	if p.text() {
		return p.Out
	}
	return p.Log
}

// Print prints a report that is kept nowhere.
func (p Printer) Print(d *reports.Document) error {
	if p.text() {
		return d.WriteText(unwrapped(p.Out), coloured(p.Out))
	}
	return p.print(d)
}

// print prints a report.
func (p Printer) print(d *reports.Document) error {
	if p.text() {
		return PrintDocument(p.Out, d)
	}
	if err := CheckFormat(p.Format); err != nil {
		return err
	}
	return reports.Formats[indexOfFormat(p.Format)].Write(unwrapped(p.Out), d)
}
