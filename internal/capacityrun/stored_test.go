package capacityrun

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/session"
)

// flagsOf are the flags of a search, given so.
func flagsOf(t *testing.T, args ...string) *pflag.FlagSet {
	t.Helper()
	flags := pflag.NewFlagSet("capacity", pflag.ContinueOnError)
	for _, k := range plan.For(plan.Capacity) {
		flags.VarPF(&plan.Flag{Key: k}, k.Name, "", k.Usage)
	}
	flags.String("plan", "", "")
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return flags
}

// A search is resumed as it was planned: more time is all that it takes, and the targets whose
// secrets are stored nowhere.
func TestWhatResumeTakes(t *testing.T) {
	const whole = "hydra:v2.3.0?env.SECRETS_COOKIE=open-sesame"
	// stored is the folder of a search that was interrupted.
	stored := func(t *testing.T, baseline, candidate string) string {
		p := plan.Default(plan.Capacity)
		p.Baseline, p.Candidate = baseline, candidate
		dir := t.TempDir()
		f, err := os.Create(filepath.Join(dir, session.FileName))
		if err != nil {
			t.Fatal(err)
		}
		h := bench.Header{Schema: bench.RunSchema, Plan: p.JSON()}
		if err := simulatedRule(t, both{bench.Candidate: newSimulated(400, 0, 1)}, 1).Store(&h); err != nil {
			t.Fatal(err)
		}
		file := bench.NewRunFile(f)
		if err := file.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		if text, err := os.ReadFile(f.Name()); err != nil || strings.Contains(string(text), "open-sesame") {
			t.Errorf("the secret is stored: %s, %v", text, err)
		}
		return dir
	}
	for _, c := range []struct {
		what                string
		baseline, candidate string
		args                []string
		want                string // want is the error, "" for none.
	}{
		{"nothing", "", "embedded:v2", nil, ""},
		{"more time", "", "embedded:v2", []string{"--budget", "7m"}, ""},
		{"another seed", "", "embedded:v2", []string{"--seed", "7"}, "--seed cannot be given with it"},
		{"a target without secrets", "", "embedded:v2", []string{"--target", "embedded:v2"},
			"--target cannot be given with it"},
		{"no secret", "", whole, nil, "env.SECRETS_COOKIE of hydra:v2.3.0?env.SECRETS_COOKIE=*** is stored nowhere: " +
			"give that target again, with it, by --target or in OAUTHBENCH_TARGET"},
		{"the secret", "", whole, []string{"--target", whole}, ""},
		{"the secret of another target", "", whole,
			[]string{"--target", "hydra:v26.2.0?env.SECRETS_COOKIE=open-sesame"},
			"is stored nowhere"},
		{"the baseline's secret is missing", whole, whole, []string{"--candidate", whole}, "by --baseline or in"},
		{"the secrets of both", whole, whole, []string{"--candidate", whole, "--baseline", whole}, ""},
		{"a baseline without secrets", "embedded:v1", whole,
			[]string{"--candidate", whole, "--baseline", "embedded:v1"},
			"--baseline cannot be given with it"},
	} {
		t.Run(c.what, func(t *testing.T) {
			r := Resumed{Dir: stored(t, c.baseline, c.candidate)}
			p, err := r.StoredPlan(flagsOf(t, c.args...), nil)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Fatalf("%v; want %q", err, c.want)
			}
			if err == nil && (p.Baseline != c.baseline || p.Candidate != c.candidate) {
				t.Errorf("the targets are %q and %q; want %q and %q", p.Baseline, p.Candidate, c.baseline, c.candidate)
			}
			if want := map[bool]time.Duration{true: 7 * time.Minute}[c.what == "more time"]; r.Budget != want {
				t.Errorf("it gets %v; want %v", r.Budget, want)
			}
		})
	}
}
