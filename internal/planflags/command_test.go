package planflags

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/variables"
)

// A plan is for the first command that takes its keys and values, and what is not used is said.
func TestCommandOfAPlan(t *testing.T) {
	for _, c := range []struct {
		what, file string // file lies here, "" is none
		environ    map[string]string
		args       []string
		named      string
		command    string
		said, err  string
	}{
		{what: "nothing is given", command: plan.Compare},
		{what: "a flag of run", args: []string{"--duration", "10s"}, command: plan.Run},
		{what: "one number of replicas", args: []string{"--replicas", "2"}, command: plan.Run},
		{what: "several numbers", args: []string{"--replicas", "1,2,4"}, command: plan.Capacity},
		{what: "several numbers in a list", file: "replicas: [1, 2, 4]", command: plan.Capacity,
			said: "found here"},
		{what: "several numbers in a variable", environ: map[string]string{"OAUTHBENCH_REPLICAS": "1,2,4"},
			command: plan.Capacity},
		{what: "several numbers for run", args: []string{"--replicas", "1,2"}, named: plan.Run,
			err: "several numbers of replicas: that is for oauthbench capacity alone"},
		{what: "a grid", file: "vary: {cpus: [1, 2]}", command: plan.Capacity, said: "found here"},
		{what: "a grid in a variable", environ: map[string]string{"OAUTHBENCH_VARY": "pool=5,20"},
			command: plan.Capacity},
		{what: "a variable that the file's command lacks", file: "profile: ci", command: plan.Compare,
			environ: map[string]string{"OAUTHBENCH_VARY": "pool=5,20"},
			said:    "OAUTHBENCH_VARY is not used: compare has no such key"},
		{what: "keys of no command", args: []string{"--duration", "10s", "--profile", "ci"},
			err: "no command has all of these keys"},
		{what: "an unknown key", file: "rat: 5/s", err: "did you mean rate?"},
		{what: "an unknown command", named: "comapre", err: "did you mean compare?"},
		{what: "a key of another command", args: []string{"--vary", "cpus=1,2"}, named: plan.Run,
			err: "run has not all of --vary"},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if c.file != "" {
				if err := os.WriteFile(plan.FoundName, []byte(c.file), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for name, value := range c.environ {
				t.Setenv(name, value)
			}
			var said bytes.Buffer
			var command string
			cmd := &cobra.Command{Use: "check", SilenceErrors: true, SilenceUsage: true}
			cmd.RunE = func(cmd *cobra.Command, _ []string) (err error) {
				if err := variables.Apply(cmd); err != nil {
					return err
				}
				command, _, err = AskFor(cmd, c.named)
				return err
			}
			AddAll(cmd)
			cmd.SetErr(&said)
			cmd.SetArgs(c.args)
			err := cmd.Execute()
			if (err != nil) != (c.err != "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Fatalf("%v; want %q", err, c.err)
			}
			if c.err == "" && command != c.command {
				t.Errorf("for %s; want %s", command, c.command)
			}
			if !strings.Contains(said.String(), c.said) || c.said == "" && said.String() != "" {
				t.Errorf("said %q; want %q", said.String(), c.said)
			}
		})
	}
}

// A link to nothing is no plan, and no silence: whoever made it meant a plan.
func TestLinkToNothingIsAnError(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Symlink("nowhere.yaml", plan.FoundName); err != nil {
		t.Skip(err) // A system without links.
	}
	cmd := &cobra.Command{Use: "run"}
	Add(cmd, plan.Run)
	_, err := Read(cmd, plan.Run)
	if err == nil || !strings.Contains(err.Error(), plan.FoundName) ||
		!strings.Contains(err.Error(), "--plan none does without") {
		t.Errorf("%v; want an error that names it", err)
	}
}
