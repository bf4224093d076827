package session

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/bench/verdict/runs"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/targets"
)

// virtually runs a test in virtual time, beside others.
func virtually(t *testing.T, test func(t *testing.T, n *network)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { test(t, &network{}) })
}

// One version alone is one trial after its warm-up; what is returned is what is stored,
// and the server is closed.
func TestRunOfOneVersion(t *testing.T) {
	virtually(t, func(t *testing.T, n *network) {
		target, server := n.add()
		p := tokenPlan(plan.Run, filepath.Join(t.TempDir(), "r"))
		p.Duration = 30 * time.Second
		r := n.request(p, map[bench.Role]targets.Target{bench.Candidate: target})
		result, err := Run(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		stored, err := Read(p.Out)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(stored.Header.Deployments, result.Run.Deployments) ||
			len(stored.Trials) != len(result.Run.Trials) {
			t.Errorf("stored %d trials of %v; returned %d of %v", len(stored.Trials), stored.Deployments,
				len(result.Run.Trials), result.Run.Deployments)
		}
		var counting []bench.Trial
		for _, trial := range stored.Trials {
			if !trial.Warmup {
				counting = append(counting, trial)
			}
		}
		if len(counting) != 1 || counting[0].Measurement("token") == nil ||
			counting[0].Measurement("token").Outcomes.Failed() > 0 {
			t.Errorf("trials %+v; want one, all of whose answers were right", counting)
		}
		w := r.Observer.(*watched)
		if !stored.Complete() || !w.ended || w.published != len(stored.Trials)+1 {
			t.Errorf("complete %v, published %d times, ended %v", stored.Complete(), w.published, w.ended)
		}
		if !server.closed || server.restarts > 0 {
			t.Errorf("closed %v, restarted %d times", server.closed, server.restarts)
		}
	})
}

// A comparison restarts both versions for each epoch, and ends when it is told that more
// cannot change the answer, with the reason in its record.
func TestComparisonEndsWhenItIsTold(t *testing.T) {
	virtually(t, func(t *testing.T, n *network) {
		r, baseline, candidate := n.compared(tokenPlan(plan.Compare, filepath.Join(t.TempDir(), "r")))
		asked := 0
		r.ShouldStop = func(run *bench.Run, epochs int) (bool, []string) {
			if asked++; epochs != asked || run.End != nil {
				t.Errorf("asked after epoch %d for the %d. time, end %v", epochs, asked, run.End)
			}
			return epochs == 2, []string{"enough"}[:epochs/2]
		}
		result, err := Run(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		if asked != 2 || baseline.restarts != 1 || candidate.restarts != 1 {
			t.Errorf("asked %d times, restarts %d and %d; want 2, 1 and 1", asked, baseline.restarts,
				candidate.restarts)
		}
		if run := result.Run; !run.Complete() || len(run.End.Stopped) != 1 || run.End.Stopped[0] != "enough" {
			t.Errorf("ended %+v; want it whole, and stopped because it was enough", run.End)
		}
		if burnt := result.Run.BurnIns; len(burnt) != 2 || len(burnt[0].Windows) == 0 || burnt[1].Requests == 0 {
			t.Errorf("burn-ins %+v; want one of each version", burnt)
		}
		if len(result.Run.Valid(bench.Baseline)) != 2 || len(result.Run.Valid(bench.Candidate)) != 2 {
			t.Error("pairs were not measured whole")
		}
		type place struct {
			warmup               bool
			epoch, block, second int
			length               time.Duration
		}
		seeds := map[place]uint64{}
		for _, trial := range result.Run.Trials {
			at := place{trial.Warmup, trial.Epoch, trial.Block, trial.Position / 2, trial.Load.Length}
			if seed, other := seeds[at]; other && seed != trial.Seed {
				t.Errorf("the %s was asked by seed %d at %+v, the other version by %d", trial.Role, trial.Seed, at,
					seed)
			}
			seeds[at] = trial.Seed
		}
		if len(seeds) == len(result.Run.Trials) {
			t.Error("no place was measured at both versions")
		}
	})
}

// What went wrong before the first trial is an error of its own kind, and no directory
// stays.
func TestNothingMeasured(t *testing.T) {
	virtually(t, func(t *testing.T, n *network) {
		good, server := n.add()
		stopped, stop := context.WithCancel(t.Context())
		stop()
		for _, c := range []struct {
			what   string
			ctx    context.Context
			target targets.Target
			change func(*plan.Plan)
			is     func(error) bool
			want   string
		}{
			{"a target that does not start", t.Context(), failing("no image"), nil, isA[*targets.StartError],
				"start failing: no image"},
			{"interrupted", stopped, good, nil, func(err error) bool {
				return errors.Is(err, ErrNothingMeasured)
			}, "interrupted"},
			{"no port left for connections", t.Context(), good, func(*plan.Plan) { n.exhausted = true },
				isA[*LimitError], "this machine ran out of ports for new connections"},
			{"a scenario that the server lacks", t.Context(), good, func(p *plan.Plan) {
				p.Scenarios = []string{"device"}
			}, isA[*targets.UsageError], "does not fit"},
			{"a place that cannot be written", t.Context(), good, func(p *plan.Plan) {
				p.Out = "/dev/null/x"
			}, isA[*targets.UsageError], "--out"},
		} {
			n.exhausted = false
			p := tokenPlan(plan.Run, filepath.Join(t.TempDir(), "r"))
			p.Duration = time.Second
			if c.change != nil {
				c.change(&p)
			}
			result, err := Run(c.ctx, n.request(p, map[bench.Role]targets.Target{bench.Candidate: c.target}))
			if result != nil || !c.is(err) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, %T %v; want %q", c.what, result, err, err, c.want)
			}
			if _, err := os.Stat(p.Out); err == nil {
				t.Errorf("%s: a directory is left", c.what)
			}
		}
		if !server.closed {
			t.Error("the server of an interrupted run was not closed")
		}
	})
}

func isA[E error](err error) bool {
	_, is := errors.AsType[E](err)
	return is
}

// A run that is interrupted keeps the trials that were over.
func TestInterruptedComparison(t *testing.T) {
	virtually(t, func(t *testing.T, n *network) {
		r, _, _ := n.compared(tokenPlan(plan.Compare, filepath.Join(t.TempDir(), "r")))
		ctx, cancel := context.WithCancelCause(t.Context())
		r.Observer = &watched{after: func() { cancel(errors.New("stopped by hand")) }}
		result, err := Run(ctx, r)
		if err != nil {
			t.Fatal(err)
		}
		if got := result.Run.Incomplete(); got != "stopped by hand" ||
			len(result.Run.Valid(bench.Baseline))+len(result.Run.Valid(bench.Candidate)) != 1 {
			t.Errorf("incomplete because %q, trials %d and %d", got, len(result.Run.Valid(bench.Baseline)),
				len(result.Run.Valid(bench.Candidate)))
		}
	})
}

// A run of one version whose only trial is lost says so, and speaks of no pair, no candidate and no process that goes
// on.
func TestDeathOfOneVersionIsNoComparison(t *testing.T) {
	virtually(t, func(t *testing.T, n *network) {
		target, server := n.add()
		r := n.request(tokenPlan(plan.Run, filepath.Join(t.TempDir(), "r")),
			map[bench.Role]targets.Target{bench.Candidate: target})
		w := &watched{}
		w.after = func() {
			if len(w.said) > 0 && !server.dead { // The warm-up has ended.
				server.dieSoon()
			}
		}
		r.Observer = w
		result, err := Run(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		if last := result.Run.Trials[len(result.Run.Trials)-1]; last.Died == "" || last.Warmup {
			t.Fatalf("the trial is %+v; want one in which the server died", last)
		}
		said := strings.Join(w.said, "\n")
		for _, want := range []string{"died in its trial: exit status 70", "nothing was measured in its place"} {
			if !strings.Contains(said, want) {
				t.Errorf("%q is not said in\n%s", want, said)
			}
		}
		for _, wrong := range []string{"pair", "epoch", "candidate", "goes on"} {
			if strings.Contains(said, wrong) {
				t.Errorf("%q is said in\n%s", wrong, said)
			}
		}
	})
}

// A server that dies loses the trial under way, with its partner; the run goes on with a
// fresh process, and its verdict is against the version that died.
func TestDeadServerLosesOneTrial(t *testing.T) {
	virtually(t, func(t *testing.T, n *network) {
		r, _, server := n.compared(tokenPlan(plan.Compare, filepath.Join(t.TempDir(), "r")))
		w, trials := &watched{}, 0
		w.after = func() {
			if trials++; trials == 1 {
				server.dieSoon()
			}
		}
		r.Observer = w
		r.ShouldStop = func(_ *bench.Run, epochs int) (bool, []string) { return epochs == 2, nil }
		result, err := Run(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		var died []bench.Trial
		for _, trial := range result.Run.Trials {
			if trial.Died != "" {
				died = append(died, trial)
			}
		}
		if len(died) != 1 || died[0].Role != bench.Candidate || died[0].Died != "exit status 70" {
			t.Fatalf("%d trials died, %+v; want one of the candidate's", len(died), died)
		}
		for _, trial := range result.Run.Valid(bench.Baseline) {
			if trial.Pair == died[0].Pair && trial.Again == died[0].Again {
				t.Error("the partner of the lost trial counts")
			}
		}
		if !result.Run.Complete() || server.dead || !strings.Contains(strings.Join(w.said, "\n"), "exit status 70") {
			t.Errorf("complete %v, dead %v, said %q", result.Run.Complete(), server.dead, w.said)
		}
		v, err := runs.Judge(result.Run)
		if err != nil || v.Decision != verdict.Regression || !strings.Contains(v.Reasons[0], "died under load") {
			t.Errorf("%v: %s because %q; want a regression by the death", err, v.Decision, v.Reasons)
		}
	})
}

// A version that dies before its first trial, under whatever load, gets a fresh process too,
// and its death counts against it.
func TestDeathBeforeTheFirstTrial(t *testing.T) {
	for load, say := range map[string]string{
		"burn-in": "burn-in: fake, until", "pilot": "pilot: what fake can", "warm-up": "pilot: how fake settles",
	} {
		t.Run(load, func(t *testing.T) {
			virtually(t, func(t *testing.T, n *network) {
				p := tokenPlan(plan.Compare, filepath.Join(t.TempDir(), "r"))
				if load == "pilot" {
					p.Rates = map[string]plan.Rate{"": {Auto: true}}
				}
				r, _, server := n.compared(p)
				w, said := &watched{}, 0
				w.heard = func(text string) {
					if strings.HasPrefix(text, say) {
						if said++; said == 2 { // the candidate's
							server.dieSoon()
						}
					}
				}
				r.Observer = w
				r.ShouldStop = func(_ *bench.Run, epochs int) (bool, []string) { return epochs == 1, nil }
				result, err := Run(t.Context(), r)
				if err != nil {
					t.Fatal(err)
				}
				v, err := runs.Judge(result.Run)
				if err != nil || v.Decision != verdict.Regression || len(v.Reasons) == 0 ||
					!strings.Contains(v.Reasons[0], "died under load") {
					t.Errorf("%v: %s because %q; want a regression by the death", err, v.Decision, v.Reasons)
				}
				if len(result.Run.Valid(bench.Candidate)) == 0 {
					t.Error("the run did not go on")
				}
			})
		})
	}
}

// Versions that differ in nothing pass; a planted slowness of one operation is found there
// and in no other; and wrong answers decide whatever the latency: the last candidate is far
// faster, and calls one live token in fifty inactive, which is why its P99 is a failure.
func TestWholeComparisons(t *testing.T) {
	for _, c := range []struct {
		what   string
		plant  func(baseline, candidate *fakeServer)
		want   verdict.Decision
		reason string
		slow   string // the operation that is called slower
	}{
		{"equal", func(_, _ *fakeServer) {}, verdict.Pass, "", ""},
		{"one slow operation", func(_, candidate *fakeServer) {
			candidate.slow = map[string]time.Duration{"revoke": 50 * time.Millisecond}
		}, verdict.Regression, "revoke", "revoke"},
		{"wrong answers", func(baseline, candidate *fakeServer) {
			baseline.slow = map[string]time.Duration{"introspect": 40 * time.Millisecond}
			candidate.liesOf = 50
		}, verdict.Regression, "active token called inactive", "introspect"},
	} {
		t.Run(c.what, func(t *testing.T) {
			virtually(t, func(t *testing.T, n *network) {
				p := tokenPlan(plan.Compare, filepath.Join(t.TempDir(), "r"))
				p.Scenarios = []string{"token", "introspect", "revoke"}
				r, baseline, candidate := n.compared(p)
				c.plant(baseline, candidate)
				result, err := Run(t.Context(), r)
				if err != nil {
					t.Fatal(err)
				}
				v, err := runs.Judge(result.Run)
				if err != nil || v.Decision != c.want || !strings.Contains(strings.Join(v.Reasons, " "), c.reason) {
					t.Errorf("%v: %s because %q; want %s because of %q", err, v.Decision, v.Reasons, c.want, c.reason)
				}
				if len(v.Comparisons) == 0 {
					t.Error("nothing was compared")
				}
				for _, one := range v.Comparisons {
					if one.Decision == verdict.Regression && one.Operation != c.slow {
						t.Errorf("%s %v is called slower", one.Operation, one.Quantile)
					}
				}
			})
		})
	}
}

// A server that does not come back ends the run, which is stored as far as it came; one
// that never answers rightly leaves nothing.
func TestServersThatAreOfNoUse(t *testing.T) {
	virtually(t, func(t *testing.T, n *network) {
		for _, c := range []struct {
			what   string
			change func(*fakeServer)
			stored bool
			want   string
		}{
			{"dead for good", func(f *fakeServer) { f.diesAt, f.forGood = 200, true }, true, "did not come back: gone"},
			{"dead before its first trial", func(f *fakeServer) { f.diesAt, f.forGood = 1, true }, false, "fake died"},
			{"wrong credentials", func(f *fakeServer) { f.broken = true }, false, "401 invalid_client"},
		} {
			target, server := n.add()
			c.change(server)
			p := tokenPlan(plan.Run, filepath.Join(t.TempDir(), "r"))
			p.Duration = 3 * time.Second
			result, err := Run(t.Context(), n.request(p, map[bench.Role]targets.Target{bench.Candidate: target}))
			if !isA[*targets.StartError](err) || !strings.Contains(err.Error(), c.want) || (result != nil) != c.stored {
				t.Errorf("%s: %v, %v; want %q", c.what, result, err, c.want)
			}
			if server.broken && server.requests > 5 {
				t.Errorf("%d requests with credentials that are refused", server.requests)
			}
		}
	})
}

// A run of which nothing succeeded says what was answered most often, in the server's own words where it has
// any.
func TestNothingSucceeded(t *testing.T) {
	answered := func(notes map[string]int64) bench.Trial {
		return bench.Trial{Notes: notes, Measurements: []bench.Measurement{{Operation: "token",
			Outcomes: bench.Outcomes{Rejected: 3},
			Cases:    map[string]int64{"status 500 server_error": 2, "status 429": 1}}}}
	}
	said := `token: status 500 server_error: the server says "out of connections"`
	for want, trial := range map[string]bench.Trial{
		"none of 3 requests succeeded (status 500 server_error)": answered(map[string]int64{"another note": 1}),
		"none of 3 requests succeeded (" + said + ")":            answered(map[string]int64{said: 2}),
		"": {Measurements: []bench.Measurement{{Outcomes: bench.Outcomes{OK: 1, Rejected: 2}}}},
	} {
		r := record{run: bench.Run{Trials: []bench.Trial{trial}}}
		if got := r.nothingSucceeded(); got != want {
			t.Errorf("%q; want %q", got, want)
		}
	}
}

func ExampleRun() {
	server := httptest.NewUnstartedServer(nil)
	fake := newFake("http://" + server.Listener.Addr().String())
	server.Config.Handler = fake
	server.Start()
	defer server.Close()
	dir, err := os.MkdirTemp("", "session")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	p := tokenPlan(plan.Run, dir)
	p.Duration = 200 * time.Millisecond
	result, err := Run(context.Background(), Request{
		Plan: p, Targets: map[bench.Role]targets.Target{bench.Candidate: fake.target()}, Observer: &watched{},
		watchOthers: quiet,
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(result.Run.Operations(), result.Run.Complete())
	// Output: [token] true
}

// A budget that carries no P95 is not refused when P50 can decide in it, and one that carries
// nothing is.
func TestSmallBudgetIsDecidedByTheMedian(t *testing.T) {
	t.Parallel()
	target, _ := (&network{}).add()
	for _, c := range []struct {
		rate float64
		fits bool
	}{{100, true}, {30, true}, {1, false}} {
		p := tokenPlan(plan.Compare, t.TempDir())
		p.Rates, p.Budget = map[string]plan.Rate{"": {PerSecond: c.rate}}, time.Minute
		r := Request{Plan: p, Targets: map[bench.Role]targets.Target{bench.Baseline: target, bench.Candidate: target}}
		if err := r.check(); (err == nil) != c.fits {
			t.Errorf("%v/s in a minute: %v; want that it fits: %v", c.rate, err, c.fits)
		}
	}
}
