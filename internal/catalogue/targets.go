// Package catalogue has the lists that commands print: what can be measured and asked for, and
// what was found. Each is a value that is JSON as it stands, and writes itself for people.
package catalogue

import (
	"fmt"
	"io"
	"strings"

	"github.com/oauthbench/oauthbench/internal/help"
	"github.com/oauthbench/oauthbench/internal/targets"
)

// Target is one kind of server that can be measured.
type Target struct {
	Name     string            `json:"name"`
	Summary  string            `json:"summary"`
	Versions string            `json:"versions"`
	Settings []targets.Setting `json:"settings"`
	Examples []string          `json:"examples"`
}

// Targets are all of them.
type Targets []Target

// AllTargets lists the kinds of servers.
func AllTargets() Targets {
	var all Targets
	for _, k := range targets.Kinds() {
		all = append(all, Target{k.Name, k.Summary, k.Versions, k.Settings, k.Examples})
	}
	return all
}

// keyColumn is how wide the column of settings is.
const keyColumn = 24

// WriteText writes each kind with a table of its settings, one on a line or more, and examples
// as a shell takes them.
func (all Targets) WriteText(w io.Writer) error {
	for i, t := range all {
		if i > 0 {
			fmt.Fprintln(w)
		}
		var quoted []string
		for _, e := range t.Examples {
			quoted = append(quoted, "'"+e+"'")
		}
		help.Entry(w, t.Name+":<version>", [2]string{"", t.Summary}, [2]string{"versions", t.Versions},
			[2]string{"examples", strings.Join(quoted, " ")}, [2]string{"settings", "behind a ?, with & between them"})
		for _, s := range t.Settings {
			lead := fmt.Sprintf("    %-*s  ", keyColumn, s.Key)
			for _, line := range help.Wrap(describe(s), lead, strings.Repeat(" ", len(lead))) {
				if _, err := fmt.Fprintln(w, line); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// describe says what a setting means, takes and is.
func describe(s targets.Setting) string {
	text := s.Meaning
	if s.Values != "" {
		text += ": " + s.Values
	}
	if s.Default != "" {
		text += fmt.Sprintf(" (default %q)", s.Default)
	}
	return text
}
