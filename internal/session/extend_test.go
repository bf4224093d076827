package session

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/bench/verdict/runs"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/internal/plan"
)

// A run that ended undecided goes on in a directory of its own: with all its trials, by the
// rule that it was begun with, from the epoch that comes next. What is decided, or has spent
// its levels, does not go on.
func TestExtend(t *testing.T) {
	virtually(t, func(t *testing.T, n *network) {
		p := tokenPlan(plan.Compare, filepath.Join(t.TempDir(), "first"))
		request, _, server := n.compared(p)
		request.ShouldStop = func(_ *bench.Run, epochs int) (bool, []string) { return epochs == 2, nil }
		if _, err := Run(t.Context(), request); err != nil {
			t.Fatal(err)
		}
		stored, err := Read(p.Out)
		if err != nil {
			t.Fatal(err)
		}
		again, e, err := Extended(plan.Plan{Extend: p.Out, Out: filepath.Join(t.TempDir(), "second")})
		if err != nil {
			t.Fatal(err)
		}
		restarts := server.restarts
		request.Plan, request.Extend = again, e
		request.ShouldStop = func(_ *bench.Run, epochs int) (bool, []string) { return epochs == 4, nil }
		result, err := Run(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		checkExtended(t, stored, result.Run)
		if fresh := server.restarts - restarts; fresh != 1 {
			t.Errorf("restarted %d times; want once, for the second of two epochs", fresh)
		}
		refuseExtensions(t, *stored)
	})
}

// checkExtended holds a run against the one that it goes on from, by two epochs of one pair.
func checkExtended(t *testing.T, stored, run *bench.Run) {
	if string(run.Design) != string(stored.Design) || run.Seed != stored.Seed {
		t.Error("the run goes on by another rule")
	}
	for i, trial := range stored.Trials {
		if got := run.Trials[i]; got.Slot != trial.Slot || !got.Started.Equal(trial.Started) {
			t.Fatalf("trial %d is %+v; want that of the first run, %+v", i, got.Slot, trial.Slot)
		}
	}
	pairs := map[[2]int]int{}
	for _, trial := range run.Trials {
		if !trial.Warmup && trial.Again == 0 {
			pairs[[2]int{trial.Epoch, trial.Pair}]++
		}
	}
	for epoch := range 4 {
		if pairs[[2]int{epoch, epoch}] != 2 {
			t.Errorf("trials by epoch and pair %v; want two of each of four", pairs)
			break
		}
	}
	if v, err := runs.Judge(run); err != nil || v.Units > 4 || v.Decision == verdict.Pass {
		t.Errorf("%v with %d units, %v", v.Decision, v.Units, err)
	}
	if words := strings.Join(run.Warnings, "\n"); !strings.Contains(words, "extended: ") {
		t.Errorf("the report does not say that the run was extended: %q", words)
	}
}

// refuseExtensions tries what must not go on.
func refuseExtensions(t *testing.T, run bench.Run) {
	alone, spent, unplanned := run, run, run
	unplanned.Slots = 0
	alone.Deployments = map[bench.Role]bench.Deployment{bench.Candidate: {}}
	design, err := runs.Design(run.Header)
	if err != nil {
		t.Fatal(err)
	}
	design.Profile.Looks, design.Profile.Levels = []int{1}, nil
	spent.Trials = slices.Clone(run.Trials)
	for i := range spent.Trials {
		spent.Trials[i].Excluded = nil // Whatever the machine did, the units are there.
	}
	if spent.Design, err = json.Marshal(design); err != nil {
		t.Fatal(err)
	}
	for want, run := range map[string]*bench.Run{"compares nothing": &alone, "no level is left": &spent,
		"before its plan": &unplanned} {
		if _, err := NewExtension(run); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
}

// A run goes on with its own targets, whose secrets are given once more.
func TestExtendedTargets(t *testing.T) {
	const secret = "hydra:v2.3.0?env.API_KEY=open-sesame"
	of := func(baseline, candidate string) (p plan.Plan) {
		p.Baseline, p.Candidate = baseline, candidate
		return p
	}
	usual := plan.Default(plan.Compare)
	for _, c := range []struct {
		what          string
		stored, given plan.Plan
		want          string
	}{
		{"nothing named", of("hydra:v1.11.10", "hydra:v2.3.0"), usual, ""},
		{"the same", of("hydra:v1.11.10", "hydra:v2.3.0"), of("hydra:v1.11.10", "hydra:v2.3.0"), ""},
		{"another candidate", of("hydra:v1.11.10", "hydra:v2.3.0"), of("hydra:v1.11.10", "hydra:v2.2.0"),
			"--candidate hydra:v2.2.0: the run is of hydra:v2.3.0"},
		{"the secret", of("hydra:v1.11.10", plaintext.Target(secret)), of("hydra:v1.11.10", secret), ""},
		{"another's secret", of("hydra:v1.11.10", "hydra:v2.3.0"), of("hydra:v1.11.10", secret),
			"--candidate hydra:v2.3.0?env.API_KEY=***"},
	} {
		if err := sameTargets(c.stored, c.given); (err == nil) != (c.want == "") ||
			err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", c.what, err, c.want)
		}
	}
}
