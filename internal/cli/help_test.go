package cli

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/oauthbench/oauthbench/internal/help"
	"github.com/oauthbench/oauthbench/internal/targets"
	"github.com/oauthbench/oauthbench/scenarios"
)

// The help of every command fits a terminal of 80 columns and has two examples at the
// least where the command takes flags of a plan.
func TestHelpFitsATerminal(t *testing.T) {
	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		var out bytes.Buffer
		cmd.SetOut(&out)
		help.Print(cmd, nil)
		for line := range strings.Lines(out.String()) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > help.Columns {
				t.Errorf("%s --help: a line of %d columns: %s", cmd.CommandPath(), n, line)
			}
		}
		if cmd.Flags().Lookup("plan") != nil && strings.Count(cmd.Example, "oauthbench ") < 2 {
			t.Errorf("%s: %q is less than two examples", cmd.CommandPath(), cmd.Example)
		}
		for _, c := range cmd.Commands() {
			if c.Name() != "completion" && c.Name() != "help" {
				visit(c)
			}
		}
	}
	visit(rootCommand())
}

// What can be measured and asked for is read on a terminal, too: no line is cut or wraps within
// a word, and every kind and workload is named at the begin of one.
func TestListsFitATerminal(t *testing.T) {
	var kinds, workloads []string
	for _, k := range targets.Kinds() {
		kinds = append(kinds, k.Name+":")
	}
	for _, s := range scenarios.All {
		workloads = append(workloads, s.Name+" ")
	}
	for command, names := range map[string][]string{"targets": kinds, "scenarios": workloads} {
		root, out := rootCommand(), &bytes.Buffer{}
		root.SetOut(out)
		root.SetArgs([]string{command})
		if err := root.Execute(); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > help.Columns {
				t.Errorf("%s: a line of %d columns: %s", command, n, line)
			}
		}
		for _, name := range names {
			if !strings.Contains("\n"+out.String(), "\n"+name) {
				t.Errorf("%s: no line begins with %q:\n%s", command, name, out)
			}
		}
	}
}

func TestUnknownFlagNamesTheOneThatWasMeant(t *testing.T) {
	for args, want := range map[string]string{
		"compare --candidat x": "unknown flag --candidat: did you mean --candidate?",
		"run --rats 5/s":       "unknown flag --rats: did you mean --rate?",
		"run --xyzzyx":         "unknown flag --xyzzyx: see oauthbench run --help",
	} {
		root := rootCommand()
		root.SetArgs(strings.Fields(args))
		if err := root.Execute(); err == nil || err.Error() != want {
			t.Errorf("%s: error %v; want %s", args, err, want)
		}
	}
}
