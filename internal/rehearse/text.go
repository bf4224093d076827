package rehearse

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"oauthbench/internal/plaintext"
	"oauthbench/scenarios/upgrade"
)

// Failed tells whether a rehearsal found a fault.
func Failed(result upgrade.Result) bool {
	return slices.ContainsFunc(result.Findings, upgrade.Finding.Fault)
}

// WriteJSON writes a result for programs.
func WriteJSON(w io.Writer, result upgrade.Result) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(result)
}

// WriteText writes a result for people.
func WriteText(w io.Writer, result upgrade.Result) error {
	verdict := "PASS  every session and every revocation of before the copy is at green"
	if Failed(result) {
		verdict = "FAIL  do not upgrade like this"
	}
	fmt.Fprintf(w, "%s\n\n", verdict)
	for _, f := range result.Findings {
		fmt.Fprintf(w, "%s: %s\n", plaintext.Line(f.Name), plaintext.Line(f.Text))
	}
	fmt.Fprintf(w, "\n%d acts were journalled, %d replayed\n\n", result.Captured, result.Replayed)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "asked\twhat\tmade\tended\tmust be\tasked\twrong")
	for _, l := range result.Lines {
		ended := l.Why
		if l.Ended != "" {
			ended += " " + string(l.Ended)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%d\t%d\n", l.Asked, l.Kind, l.Made, ended, l.Expect, l.Of, l.Wrong)
	}
	fmt.Fprintln(t, "\nstep\ttook")
	for _, s := range result.Steps {
		fmt.Fprintf(t, "%s\t%s\n", s.Name, s.Took.Round(time.Millisecond))
	}
	return t.Flush()
}
