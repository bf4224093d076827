package plancheck

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/oauthbench/oauthbench/internal/help"
	"github.com/oauthbench/oauthbench/internal/terminal"
)

// WriteText writes a check for people.
func (c Check) WriteText(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	label := func(name string, lines []string) {
		for i, line := range lines {
			if i > 0 {
				name = ""
			}
			terminal.Fprintf(w, "%s\t%s\n", name, line)
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
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out)
	w = tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "KEY\tVALUE\tFROM")
	var unset []string
	for _, v := range c.Settings {
		if v.Value == "" {
			unset = append(unset, v.Key)
			continue
		}
		terminal.Fprintf(w, "%s\t%s\t%s\n", v.Key, v.Value, v.From)
	}
	if err := w.Flush(); err != nil || len(unset) == 0 {
		return err
	}
	fmt.Fprintln(out)
	for _, line := range help.Wrap("not set: "+strings.Join(unset, ", "), "", "  ") {
		fmt.Fprintln(out, line)
	}
	return nil
}
