// Package answer prints what was found, and writes it where it is kept: the answer for a
// terminal, the report for everything else, and its files.
package answer

import (
	"io"
	"os"

	"golang.org/x/term"

	"github.com/oauthbench/oauthbench/internal/terminal"
	"github.com/oauthbench/oauthbench/reports"
)

// widestAnswer is how many columns of a terminal are used.
const widestAnswer = 100

// detailed is the standard output of a user who asked for everything.
type detailed struct{ io.Writer }

// Detailed is standard output for a user who asked for everything, on a terminal too.
func Detailed(w io.Writer) io.Writer { return detailed{w} }

func unwrapped(w io.Writer) io.Writer {
	if d, ok := w.(detailed); ok {
		return d.Writer
	}
	return w
}

// PrintDocument prints a report: on a terminal the answer alone, unless all was asked for;
// into files, pipes and logs all of it.
func PrintDocument(w io.Writer, d *reports.Document) error {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		width, _, err := term.GetSize(int(f.Fd()))
		if err != nil || width <= 0 {
			width = 80
		}
		return d.WriteAnswer(w, coloured(w), min(width, widestAnswer))
	}
	return d.WriteText(unwrapped(w), coloured(w))
}

// coloured tells whether w is a terminal whose user has not asked for no colour
// (no-color.org).
func coloured(w io.Writer) bool {
	f, ok := unwrapped(w).(*os.File)
	return ok && os.Getenv("NO_COLOR") == "" && terminal.TakesEscapes(f)
}
