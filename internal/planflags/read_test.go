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

// ask reads the plan of a command line in an empty folder with these files and variables.
func ask(t *testing.T, command string, files, environ map[string]string, args ...string) (Asked, string, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range environ {
		t.Setenv(name, value)
	}
	var said bytes.Buffer
	var asked Asked
	cmd := &cobra.Command{Use: command, SilenceErrors: true, SilenceUsage: true}
	cmd.RunE = func(cmd *cobra.Command, _ []string) (err error) {
		if err := variables.Apply(cmd); err != nil {
			return err
		}
		asked, err = Ask(cmd, command)
		return err
	}
	Add(cmd, command)
	cmd.SetErr(&said)
	cmd.SetArgs(args)
	err := cmd.Execute()
	return asked, said.String(), err
}

// A flag beats a variable, a variable beats the plan, and the plan beats the default.
func TestWhatWins(t *testing.T) {
	plans := map[string]string{"p.yaml": "rate: 10/s\nprofile: ci\nseed: 3\n"}
	environ := map[string]string{"OAUTHBENCH_RATE": "20/s", "OAUTHBENCH_PROFILE": "thorough",
		"OAUTHBENCH_PLAN":   "p.yaml",
		"OAUTHBENCH_BUDGET": ""}
	a, _, err := ask(t, plan.Compare, plans, environ, "--rate", "30/s")
	if err != nil {
		t.Fatal(err)
	}
	if got := a.Plan.Rates[""].PerSecond; got != 30 {
		t.Errorf("rate %v; want the flag's 30", got)
	}
	if a.Plan.Profile != "thorough" {
		t.Errorf("profile %q; want the variable's thorough", a.Plan.Profile)
	}
	if a.Plan.Seed != 3 || a.Plan.Budget != 0 {
		t.Errorf("seed %d, budget %v; want the plan's 3, and none of an empty variable", a.Plan.Seed, a.Plan.Budget)
	}
	for key, want := range map[string]string{"rate": "--rate", "profile": "OAUTHBENCH_PROFILE", "seed": "p.yaml:3"} {
		if a.From[key] != want {
			t.Errorf("%s is said to be from %q; want %q", key, a.From[key], want)
		}
	}
	if from, ok := a.From["timeout"]; ok {
		t.Errorf("timeout is said to be from %q; want none, for it has its default", from)
	}
}

// A variable of another command's key changes nothing, and that is said.
func TestVariableOfAnotherCommand(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("OAUTHBENCH_TARGET", "embedded:v1")
	t.Setenv("OAUTHBENCH_RATE", "20/s")
	t.Setenv("OAUTHBENCH_DURATION", " ")
	for command, want := range map[string]string{
		plan.Compare: "OAUTHBENCH_TARGET is not used: compare has no such key\n",
		plan.Run:     "", // It has all of them.
		"rehearse":   "OAUTHBENCH_TARGET is not used: rehearse has --from and --to\n",
	} {
		root := &cobra.Command{Use: "x", SilenceErrors: true, SilenceUsage: true}
		for _, name := range []string{plan.Compare, plan.Run} {
			cmd := &cobra.Command{Use: name, RunE: func(cmd *cobra.Command, _ []string) error {
				_, err := Read(cmd, name)
				return err
			}}
			Add(cmd, name)
			root.AddCommand(cmd)
		}
		root.AddCommand(&cobra.Command{Use: "rehearse", Run: func(cmd *cobra.Command, _ []string) {
			SayTargetsUnused(cmd, "--from and --to")
		}})
		var said bytes.Buffer
		root.SetErr(&said)
		root.SetArgs([]string{command})
		if err := root.Execute(); err != nil || said.String() != want {
			t.Errorf("%s: %v, said %q; want %q", command, err, said.String(), want)
		}
	}
}

// A flag wins over a variable of a key that cannot be given with it.
func TestFlagWinsOverItsContradiction(t *testing.T) {
	environ := map[string]string{"OAUTHBENCH_MIX": "introspect=80,token=20"}
	a, _, err := ask(t, plan.Run, nil, environ, "--scenario", "token")
	if err != nil || a.Plan.Mix != nil || len(a.Plan.Scenarios) != 1 {
		t.Errorf("mix %v, scenarios %v, %v; want the flag's scenario", a.Plan.Mix, a.Plan.Scenarios, err)
	}
	environ["OAUTHBENCH_SCENARIO"] = "token"
	_, _, err = ask(t, plan.Run, nil, environ)
	if want := "OAUTHBENCH_MIX and OAUTHBENCH_SCENARIO cannot be given together"; err == nil || err.Error() != want {
		t.Errorf("%v; want %q", err, want)
	}
}

// Each line of a variable is a value of a key that may be repeated.
func TestVariableOfSeveralLines(t *testing.T) {
	environ := map[string]string{"OAUTHBENCH_SLO": "token p99 < 100ms\n\nrevoke invalid = 0\n"}
	a, _, err := ask(t, plan.Run, nil, environ)
	if err != nil || len(a.Plan.SLOs) != 2 {
		t.Errorf("%d limits, %v; want 2", len(a.Plan.SLOs), err)
	}
}

// The plan that lies in the folder is used, and that is said.
func TestPlanIsFound(t *testing.T) {
	large := "seed: 7 #" + strings.Repeat("x", 1<<20)
	for _, c := range []struct {
		what, text string
		command    string
		args       []string
		seed       uint64 // 0 where the plan is not used
		said, err  string
	}{
		{"it is used", "seed: 7", plan.Run, nil, 7, "plan: oauthbench.yaml, found here (--plan none does without)\n",
			""},
		{"not wanted", "seed: 7", plan.Run, []string{"--plan", "none"}, 0, "", ""},
		{"none, as an empty name", "seed: 7", plan.Run, []string{"--plan="}, 0, "", ""},
		{"another is named", "seed: 7", plan.Run, []string{"--plan", "other.yaml"}, 9, "", ""},
		{"for another command", "profile: ci\nseed: 7", plan.Run, nil, 0,
			"plan: not used, for oauthbench.yaml:1: profile is a key of compare, not of run", ""},
		{"wrong", "seed: x", plan.Run, nil, 0, "", `oauthbench.yaml:1: seed: seed "x"`},
		{"misspelt", "sed: 7", plan.Run, nil, 0, "", `oauthbench.yaml:1: unknown key "sed": did you mean seed?`},
		{"empty", "", plan.Run, nil, 0, "", "the plan is empty (found here; --plan none does without)"},
		{"too large", large, plan.Run, nil, 0, "", "larger than 1048576 bytes"},
	} {
		files := map[string]string{plan.FoundName: c.text, "other.yaml": "seed: 9"}
		a, said, err := ask(t, c.command, files, nil, c.args...)
		if (err != nil) != (c.err != "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %v; want %q", c.what, err, c.err)
			continue
		}
		if (a.From["seed"] != "") != (c.seed != 0) || c.seed != 0 && a.Plan.Seed != c.seed {
			t.Errorf("%s: seed %d from %q; want %d", c.what, a.Plan.Seed, a.From["seed"], c.seed)
		}
		if !strings.HasPrefix(said, c.said) || c.said == "" && c.err == "" && said != "" {
			t.Errorf("%s: said %q; want %q", c.what, said, c.said)
		}
	}
}

func TestFolderIsNoPlan(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.Mkdir(plan.FoundName, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := &cobra.Command{Use: "run"}
	Add(cmd, plan.Run)
	var said bytes.Buffer
	cmd.SetErr(&said)
	if _, err := Read(cmd, plan.Run); err != nil ||
		said.String() != "plan: oauthbench.yaml here is a folder, and not used\n" {
		t.Errorf("%v, said %q", err, said.String())
	}
}

// A variable that begins like ours and is unknown is refused, without its value.
func TestUnknownVariables(t *testing.T) {
	external := map[string]string{"p.yaml": "external: {x: {issuer: https://x, introspection_token_env: " +
		"OAUTHBENCH_INTROSPECT_KEY}}\n"}
	for name, want := range map[string]string{
		"OAUTHBENCH_PROFLE":       "unknown variable OAUTHBENCH_PROFLE: did you mean OAUTHBENCH_PROFILE?",
		"OAUTHBENCH_CLIENT_SECRT": "unknown variable OAUTHBENCH_CLIENT_SECRT: did you mean OAUTHBENCH_CLIENT_SECRET?",
		"OAUTHBENCH_FANCY": "unknown variable OAUTHBENCH_FANCY: no flag is called --fancy, and the plan " +
			"does not name it",
		"OAUTHBENCH_INTROSPECT_KEY": "", // The plan names it.
		"OAUTHBENCH_OTHER_TOKEN":    "", // It holds credentials, perhaps of another plan.
		"OAUTHBENCH_TEST_X":         "",
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := ask(t, plan.Compare, external, map[string]string{name: "hunter2"}, "--plan", "p.yaml")
			if want == "" && err != nil || want != "" && (err == nil || err.Error() != want) {
				t.Errorf("%v; want %q", err, want)
			}
		})
	}
}

// What a variable holds is checked like a flag, and its error names the variable.
func TestBadVariables(t *testing.T) {
	for name, c := range map[string][2]string{
		"OAUTHBENCH_RATE":    {"50", `OAUTHBENCH_RATE: rate "50" has no unit`},
		"OAUTHBENCH_ISOLATE": {"maybe", `OAUTHBENCH_ISOLATE: `},
		"OAUTHBENCH_SEED":    {"-1", `OAUTHBENCH_SEED: seed "-1"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := ask(t, plan.Compare, nil, map[string]string{name: c[0]})
			if err == nil || !strings.HasPrefix(err.Error(), c[1]) {
				t.Errorf("%v; want %q", err, c[1])
			}
		})
	}
}

// Different numbers of instances in one place are refused, in whatever order; those of a flag win over
// those of a variable and of a plan, as everywhere.
func TestReplicasGivenTwice(t *testing.T) {
	const refused = "the number of instances is given twice"
	for what, c := range map[string]struct {
		file     string
		environ  map[string]string
		args     []string
		replicas int
		vary     string
		err      string
	}{
		"two flags":     {args: []string{"--vary", "replicas=1,2", "--replicas", "3"}, err: refused},
		"turned around": {args: []string{"--replicas", "3", "--vary", "replicas=1,2"}, err: refused},
		"two variables": {environ: map[string]string{"OAUTHBENCH_VARY": "replicas=1,2", "OAUTHBENCH_REPLICAS": "3"},
			err: refused},
		"a wrong number": {args: []string{"--replicas", "0", "--vary", "replicas=1,2"},
			err: `--replicas: "0": want whole numbers`},
		"they agree":   {args: []string{"--replicas", "1,2", "--vary", "replicas=1,2"}, vary: "replicas"},
		"another grid": {args: []string{"--replicas", "3", "--vary", "pool=5,20"}, replicas: 3, vary: "pool"},
		"a flag and a plan": {file: "vary: replicas=1,2", args: []string{"--replicas", "3"},
			replicas: 3},
		"a grid and a plan": {file: "replicas: 3", args: []string{"--vary", "replicas=1,2"}, vary: "replicas"},
	} {
		t.Run(what, func(t *testing.T) {
			files := map[string]string{}
			if c.file != "" {
				files[plan.FoundName] = c.file
			}
			a, _, err := ask(t, plan.Capacity, files, c.environ, c.args...)
			if (err != nil) != (c.err != "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Fatalf("%v; want %q", err, c.err)
			}
			if err == nil && (a.Plan.Replicas != c.replicas || a.Plan.Vary.String() != c.vary) {
				t.Errorf("%d instances, varied %v; want %d and %q", a.Plan.Replicas, a.Plan.Vary, c.replicas, c.vary)
			}
		})
	}
}
