package answer

import (
	"io"

	"github.com/oauthbench/oauthbench/internal/exitcode"
	"github.com/oauthbench/oauthbench/reports"
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

// text tells whether people read what is printed.
func (p Printer) text() bool { return p.Format == "" || p.Format == Text }

// Aside is where it is said what is no part of the result.
func (p Printer) Aside() io.Writer {
	if p.text() {
		return p.Out
	}
	return p.Log
}

// Show prints a report: on a terminal the answer alone.
func (p Printer) Show(d *reports.Document) error {
	if p.text() {
		return PrintDocument(p.Out, d)
	}
	return reports.Named(p.Format).Write(unwrapped(p.Out), d)
}
