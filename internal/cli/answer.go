package cli

import (
	"io"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"oauthbench/reports"
)

// widestAnswer is how many columns of a terminal are used.
const widestAnswer = 100

// detailed is the standard output of a user who asked for everything.
type detailed struct{ io.Writer }

func addDetails(cmd *cobra.Command) {
	cmd.Flags().Bool("details", false, "print the whole report on a terminal too, not only the answer")
}

// resultOf is where a command prints its result.
func resultOf(cmd *cobra.Command) io.Writer {
	if all, err := cmd.Flags().GetBool("details"); err == nil && all {
		return detailed{cmd.OutOrStdout()}
	}
	return cmd.OutOrStdout()
}

func unwrapped(w io.Writer) io.Writer {
	if d, ok := w.(detailed); ok {
		return d.Writer
	}
	return w
}

// printDocument prints a report: on a terminal the answer alone, unless all was asked for;
// into files, pipes and logs all of it.
func printDocument(w io.Writer, d *reports.Document) error {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		width, _, err := term.GetSize(int(f.Fd()))
		if err != nil || width <= 0 {
			width = 80
		}
		return d.WriteAnswer(w, coloured(w), min(width, widestAnswer))
	}
	return d.WriteText(unwrapped(w), coloured(w))
}
