package catalogue

import (
	"io"
	"slices"
	"text/tabwriter"

	"github.com/oauthbench/oauthbench/containers"
	"github.com/oauthbench/oauthbench/internal/terminal"
)

// Checks are what was found of the machine and its engine.
type Checks []containers.Check

// Failed tells whether one of them failed.
func (all Checks) Failed() bool {
	return slices.ContainsFunc(all, func(c containers.Check) bool { return c.Verdict == containers.Failed })
}

// WriteText writes a line for each, and what it means below.
func (all Checks) WriteText(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, c := range all {
		terminal.Fprintf(w, "%s\t%s\t%s\n", c.Verdict, c.Name, c.Found)
		if c.Meaning != "" {
			terminal.Fprintf(w, "\t\t%s\n", c.Meaning)
		}
	}
	return w.Flush()
}
