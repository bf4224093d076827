package varied

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/grid"
	"github.com/oauthbench/oauthbench/internal/capacityrun"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/session"
	"github.com/oauthbench/oauthbench/internal/targets"
)

// silent is an observer that keeps what it is told.
type silent struct{ said []string }

func (s *silent) Say(format string, _ ...any)           { s.said = append(s.said, format) }
func (s *silent) Follow(session.Activity) (stop func()) { return func() {} }
func (s *silent) Publish(*bench.Run)                    {}

// planOf is a plan with keys and their values.
func planOf(t *testing.T, keys ...string) plan.Plan {
	t.Helper()
	p := plan.Default(plan.Capacity)
	p.Seed = 1
	given := map[string][]string{}
	var order []string
	for _, pair := range keys {
		name, value, _ := strings.Cut(pair, ": ")
		if given[name] == nil {
			order = append(order, name)
		}
		given[name] = append(given[name], value)
	}
	for _, name := range order {
		k, ok := keyOf(name)
		if !ok {
			t.Fatalf("there is no key %q", name)
		}
		if err := p.Set(k, given[name]); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	p.Out = filepath.Join(t.TempDir(), "grid")
	return p
}

// What has no effect, is not known, or is the same twice is refused before anything is
// started, and nothing is left of it.
func TestIneffectiveSettingsAreRefused(t *testing.T) {
	for _, c := range []struct {
		keys []string
		want string
	}{
		{[]string{"vary: pool=5,10"}, `has no setting "pool"`},
		{[]string{"vary: nothing=5,10"}, `has no setting "nothing"`},
		{[]string{"vary: cpus=1,2"}, "runs in none"},
		{[]string{"vary: memory.server=64m,128m"}, "runs in none"},
		{[]string{"vary: dataset.tokens=1e4,1e5"}, "dataset is for servers in containers"},
		{[]string{"target: keycloak:26.4.7", "vary: dataset.tokens=1e4,1e5"}, "cannot be filled"},
		{[]string{"target: reference:v2", "vary: dataset.cows=1,2"}, `there is no "cows"`},
		{[]string{"target: reference:v2", "vary: dataset.revoked=1%,2%"}, "there are none"},
		{[]string{"target: reference:v2", "vary: dataset.grants=1,2"}, "cannot be filled"},
		{[]string{"target: reference:v2", "vary: dataset.consents_per_subject=1,2"}, "cannot be filled"},
		{[]string{"target: hydra:v2.3.0", "vary: dataset.consents_per_subject=1,2"}, "add --scenario login"},
		{[]string{"target: hydra:v2.3.0", "scenario: login", "vary: dataset.consents_per_subject=1,1e5"},
			"--subjects 20"},
		{[]string{"target: reference:v2", "vary: cpus.network=1,2"}, "unknown container"},
		{[]string{"vary: bcrypt_cost=4,5"}, "has no effect"},
		{[]string{"vary: chain=1,10"}, "no scenario of this load heeds it"},
		{[]string{"vary: refresh_grace=1s,2s"}, "needs the refresh_token grant"},
		{[]string{"target: keycloak:26.7.3", "vary: rotation=on,off"}, "rotation has no effect"},
		{[]string{"target: keycloak:26.7.3", "vary: login_iterations=1,1000"}, "login_iterations has no effect"},
		{[]string{"target: keycloak:26.7.3?rotation=on", "scenario: refresh",
			"vary: login_hash=argon2,pbkdf2-sha512"},
			"login_hash has no effect"},
		{[]string{"vary: timeout=9s,9000ms"}, "are the same"},
		{[]string{"target: reference:v2", "vary: dataset.tokens=1e4,10000"}, "are the same"},
		{[]string{"vary: rate=1/s,2/s"}, "give --rate, too"},
		{[]string{"vary: soak=1m,2m"}, "changes nothing that a cell measures"},
		{[]string{"vary: out=a,b"}, "changes nothing that a cell measures"},
		{[]string{"vary: tokens=opaque,paper"}, "opaque or jwt"},
		{[]string{"vary: target=embedded:v1,embedded:v9"}, `no version "v9"`},
		{[]string{"vary: tokens=opaque,jwt", "baseline: embedded:v1"}, "vary is of one target"},
		{[]string{"rate: 5/s", "vary: tokens=opaque,jwt", "baseline: embedded:v1"}, "vary is of one target"},
		{[]string{"rate: token=5/s", "vary: tokens=opaque,jwt"}, "one for every scenario"},
		{[]string{"rate: 5/s", "vary: tokens=opaque,jwt", "soak: 1m"}, "soak and searches are of a search"},
	} {
		p := planOf(t, append([]string{"slo: p99 < 1s"}, c.keys...)...)
		_, err := Run(t.Context(), Request{Plan: p, Observer: &silent{}})
		if _, usage := errors.AsType[*targets.UsageError](err); !usage || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v; want a usage error with %q", c.keys, err, c.want)
		}
		if _, err := os.Stat(p.Out); err == nil {
			t.Errorf("%v: something was left in %s", c.keys, p.Out)
		}
	}
}

// Every name does to the plan of its cell what it says, and to nothing else.
func TestSettingsReachTheirCells(t *testing.T) {
	p := planOf(t, "slo: p99 < 1s", "target: reference:v2?tokens=jwt&db.shared_buffers=1MB",
		"dataset: clients=5,tokens=9",
		"scenario: refresh", "vary: dataset.tokens=1e4,2e4", "vary: db.shared_buffers=64MB,128MB",
		"vary: cpus.server=1,2",
		"vary: chain=3,30", "replicas: 1,2")
	cells, err := cellsOf(p)
	if err != nil || len(cells) != 32 {
		t.Fatalf("%d cells, %v; want 32", len(cells), err)
	}
	last := cells[31].plan
	if last.Dataset != "clients=5,tokens=20000" || last.Limits["server"].CPUs != 2 ||
		last.Limits["database"].CPUs != 0 ||
		last.Parameters.ChainLength != 30 || last.Replicas != 2 || len(last.Vary) != 0 ||
		last.Candidate != "reference:v2?tokens=jwt&db.shared_buffers=128MB" {
		t.Errorf("the last cell is %+v", last)
	}
	if first := cells[0].plan; first.Limits["server"].CPUs != 1 || first.Parameters.ChainLength != 3 ||
		p.Limits["server"].CPUs != 0 {
		t.Errorf("the first cell is %+v", first)
	}
	if chosen, err := withSetting("hydra:v2", "env.X", "a b&c"); err != nil || chosen != "hydra:v2?env.X=a%20b%26c" {
		t.Errorf("a value with an ampersand becomes %q, %v", chosen, err)
	}
}

// measured is a fake of measuring: it stores a run without trials.
func measured(seen *[]string, fail func(n int) error) func(context.Context, session.Request) (*session.Result, error) {
	return func(_ context.Context, r session.Request) (*session.Result, error) {
		*seen = append(*seen, r.Plan.Candidate)
		if err := fail(len(*seen)); err != nil {
			return nil, err
		}
		if err := os.MkdirAll(r.Plan.Out, 0o755); err != nil {
			return nil, err
		}
		f, err := os.Create(filepath.Join(r.Plan.Out, session.FileName))
		if err != nil {
			return nil, err
		}
		file := bench.NewRunFile(f)
		run := &bench.Run{Header: bench.Header{Schema: bench.RunSchema}, End: &bench.End{At: time.Now()}}
		err = errors.Join(file.WriteHeader(run.Header), file.WriteEnd(*run.End), file.Close())
		return &session.Result{Run: run, Dir: r.Plan.Out}, err
	}
}

// A grid that was interrupted goes on with the cells that are left, in the same order, and
// one that is whole has nothing to go on with.
func TestGridIsResumed(t *testing.T) {
	p := planOf(t, "rate: 5/s", "vary: tokens=opaque,jwt", "vary: hasher=bcrypt,pbkdf2")
	ctx, stop := context.WithCancelCause(t.Context())
	var first, second []string
	r := Request{Plan: p, Observer: &silent{}, Report: func(*bench.Run, string) error { return nil }}
	r.measure = measured(&first, func(n int) error {
		if n == 3 {
			stop(errors.New("^C"))
			return session.ErrNothingMeasured
		}
		return nil
	})
	g, err := Run(ctx, r)
	if err != nil || len(first) != 3 || len(g.Missing) != 2 {
		t.Fatalf("measured %v, missing %v, %v; want two of three cells", first, g.Missing, err)
	}
	if _, err := Run(t.Context(), r); err == nil || !strings.Contains(err.Error(), "holds a grid already") {
		t.Errorf("another grid in the same folder: %v", err)
	}
	r.Resume, r.measure = true, measured(&second, func(int) error { return nil })
	if g, err = Run(t.Context(), r); err != nil || len(g.Missing) != 0 {
		t.Fatalf("resumed: missing %v, %v", g.Missing, err)
	}
	if len(second) != 2 || second[0] != first[2] || slices.Contains(first[:2], second[1]) {
		t.Errorf("first %v, then %v; want the two that were left", first, second)
	}
	if _, err := Run(t.Context(), r); err == nil || !strings.Contains(err.Error(), "nothing to resume") {
		t.Errorf("a whole grid resumed: %v", err)
	}
	for i, name := range g.Header.Folders {
		resume := capacityrun.Resumed{Dir: filepath.Join(p.Out, name)}
		want := "goes on as a whole: oauthbench capacity --resume " + p.Out
		_, err := StoredPlan(&resume, pflag.NewFlagSet("", 0), nil)
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("cell %d resumed alone: %v; want %q", i, err, want)
		}
	}
	if beside := (capacityrun.Resumed{Dir: filepath.Join(p.Out, "other")}); gridOf(beside.Dir) != "" {
		t.Errorf("a folder beside the cells is said to be one, of %s", gridOf(beside.Dir))
	}
	back, err := Read(p.Out)
	if err != nil || back.Header.Grid.String() != "tokens × hasher" || slices.Contains(back.Runs, nil) {
		t.Errorf("read back: %+v, %v", back, err)
	}
}

// A cell that cannot be measured does not end the grid; when none could, nothing is kept.
func TestCellsThatFail(t *testing.T) {
	p := planOf(t, "rate: 5/s", "vary: tokens=opaque,jwt")
	gone := &targets.StartError{Err: errors.New("it does not start")}
	var seen []string
	r := Request{Plan: p, Observer: &silent{}, Report: func(*bench.Run, string) error { return nil }}
	r.measure = measured(&seen, func(n int) error {
		if n == 1 {
			return gone
		}
		return nil
	})
	g, err := Run(t.Context(), r)
	if !errors.Is(err, gone) || len(seen) != 2 || g == nil || len(g.Missing) != 1 {
		t.Errorf("measured %v, %v; want both, and the error of the first", seen, err)
	}
	p.Out = filepath.Join(t.TempDir(), "none")
	r.Plan, r.measure = p, measured(&seen, func(int) error { return gone })
	if g, err := Run(t.Context(), r); g != nil || !errors.Is(err, gone) {
		t.Errorf("none measured: %v, %v", g, err)
	}
	if _, err := os.Stat(p.Out); err == nil {
		t.Error("a folder of nothing was kept")
	}
}

// What is stated beforehand is kept: no cell begins after it.
func TestBudgetIsKept(t *testing.T) {
	p := planOf(t, "slo: p99 < 1s", "vary: tokens=opaque,jwt")
	p.Budget = time.Nanosecond
	var seen []string
	r := Request{Plan: p, Observer: &silent{}, Report: func(*bench.Run, string) error { return nil }}
	r.measure = measured(&seen, func(int) error { return nil })
	if g, err := Run(t.Context(), r); g != nil || len(seen) != 0 || err == nil {
		t.Errorf("measured %v, %v; want nothing", seen, err)
	}
	p.Budget = 0
	cells, err := cellsOf(p)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := cost(cells), 2*(mostSearch+startOwn); got != want {
		t.Errorf("two searches cost %v; want %v", got, want)
	}
}

// Instances have as many CPUs of their own in every cell, or are said to share.
func TestReplicasHaveTheirOwnCores(t *testing.T) {
	p := planOf(t, "slo: p99 < 1s", "target: reference:v2", "cpuset: server=0-3", "replicas: 1,2,4")
	cells, err := cellsOf(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cells {
		if len(c.plan.ReplicaCPUs) != c.plan.Replicas {
			t.Errorf("%d instances have CPUs %v", c.plan.Replicas, c.plan.ReplicaCPUs)
		}
		for i, cpus := range c.plan.ReplicaCPUs {
			if len(cpus) != 1 || cpus[0] != i {
				t.Errorf("instance %d of %d has CPUs %v; want its own one", i, c.plan.Replicas, cpus)
			}
		}
	}
	if why := sharedCores(p, p.Vary); !strings.Contains(why, "contention") {
		t.Errorf("they share with the generator: %q", why)
	}
	p.GeneratorCPUs = bench.CPUList{4}
	p.Limits["database"] = plan.Limits{CPUSet: bench.CPUList{5}}
	if why := sharedCores(p, p.Vary); why != "" {
		t.Errorf("each has its own: %q", why)
	}
	if why := sharedCores(planOf(t, "replicas: 1,2"),
		grid.Grid{{Name: grid.Replicas, Values: []string{"1", "2"}}}); !strings.Contains(why,
		"contention, not scaling") {
		t.Errorf("without CPUs of their own: %q", why)
	}
}

// What is followed while a cell is measured says which cell it is.
func TestCellsAreNamedWhileTheyGo(t *testing.T) {
	p := planOf(t, "rate: 5/s", "vary: tokens=opaque,jwt")
	seen := &parts{}
	r := Request{Plan: p, Observer: seen, Report: func(*bench.Run, string) error { return nil }}
	var ignored []string
	store := measured(&ignored, func(int) error { return nil })
	r.measure = func(ctx context.Context, one session.Request) (*session.Result, error) {
		one.Observer.Follow(session.Activity{})()
		return store(ctx, one)
	}
	if _, err := Run(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if len(seen.before) != 1 || !strings.HasPrefix(seen.before[0], "tokens=") {
		t.Errorf("before the second cell %q is said; want what the first showed", seen.before)
	}
	if len(seen.parts) != 2 || !strings.HasPrefix(seen.parts[0], "cell 1 of 2: tokens=") ||
		!strings.HasPrefix(seen.parts[1], "cell 2 of 2: tokens=") {
		t.Errorf("followed %q; want the two cells", seen.parts)
	}
}

// parts is an observer that keeps which part it follows.
type parts struct {
	silent
	parts, before []string
}

func (p *parts) Follow(a session.Activity) (stop func()) {
	p.parts, p.before = append(p.parts, a.Part), a.Before
	return func() {}
}
