package session

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/host"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/targets"
)

// quiet is a machine that nobody else uses.
func quiet(context.Context, time.Duration) host.Others { return host.Others{Known: true} }

// A run waits for the machine as long as it was told, names the programs that took it, and
// goes on when it is quiet or the time is over.
func TestWaitForQuiet(t *testing.T) {
	busy := host.Others{Known: true, Share: .5, Programs: []host.Program{{Name: "make", PID: 7, Cores: 1}}}
	for _, c := range []struct {
		what  string
		wait  time.Duration
		quiet int // looks before the machine is quiet
		busy  bool
		took  time.Duration
		said  string
	}{
		{"a quiet machine", 0, 0, false, time.Second, ""},
		{"a busy one, not to be waited for", 0, 100, true, time.Second, "--wait-quiet"},
		{"one that becomes quiet", time.Minute, 5, false, 6 * time.Second, "waiting for quiet, up to 1m0s"},
		{"one that does not", time.Minute, 100, true, 61 * time.Second, "make (process 7, 1.00 cores)"},
	} {
		synctest.Test(t, func(t *testing.T) {
			w, looks, began := &watched{}, 0, time.Now()
			s := &session{Request: Request{Observer: w,
				watchOthers: func(ctx context.Context, d time.Duration) host.Others {
					time.Sleep(d)
					if looks++; looks > c.quiet {
						return quiet(ctx, d)
					}
					return busy
				}}}
			s.Plan.WaitQuiet = c.wait
			m := s.waitForQuiet(t.Context())
			if m.busy != c.busy || time.Since(began) != c.took ||
				!strings.Contains(strings.Join(w.said, "\n"), c.said) || c.said == "" && w.said != nil {
				t.Errorf("%s: busy %v after %v, said %q; want %v after %v", c.what, m.busy, time.Since(began), w.said,
					c.busy, c.took)
			}
			if c.busy != strings.Contains(m.note, "make") {
				t.Errorf("%s: stores %q", c.what, m.note)
			}
		})
	}
}

// A run ends only when no pair was undisturbed; of a pair, one trial is enough.
func TestDisturbed(t *testing.T) {
	trial := func(pair int, role bench.Role, why ...string) bench.Trial {
		return bench.Trial{Slot: bench.Slot{Pair: pair, Role: role}, Excluded: why}
	}
	warm := bench.Trial{Slot: bench.Slot{Warmup: true}, Excluded: []string{"x"}}
	for _, c := range []struct {
		what   string
		trials []bench.Trial
		pairs  int
	}{
		{"nothing was measured", []bench.Trial{warm}, 0},
		{"a pair whose candidate was disturbed",
			[]bench.Trial{trial(0, bench.Baseline), trial(0, bench.Candidate, "others")}, 1},
		{"one pair of two", []bench.Trial{trial(0, bench.Baseline, "others"), trial(0, bench.Candidate),
			trial(1, bench.Baseline), trial(1, bench.Candidate)}, 0},
		{"both", []bench.Trial{warm, trial(0, bench.Baseline, "others"), trial(0, bench.Candidate),
			trial(1, bench.Candidate, "others")}, 2},
	} {
		if pairs, why := disturbed(c.trials); pairs != c.pairs || (why != "") != (c.pairs > 0) {
			t.Errorf("%s: %d because %q; want %d", c.what, pairs, why, c.pairs)
		}
	}
}

// A first epoch that was wholly disturbed ends the run at once while others are at work, before the
// start or still; an accident does not, and four disturbed pairs in a row do.
func TestDisturbedFirstEpochEndsTheRun(t *testing.T) {
	for _, c := range []struct {
		what                                               string
		pairs                                              int
		undisturbed, busyAtStart, busyNow, gatesCost, over bool
	}{
		{what: "an accident", pairs: 1},
		{what: "others are at work", pairs: 1, busyNow: true, over: true},
		{what: "others were at work before the start", pairs: 1, busyAtStart: true, over: true},
		{what: "one pair was undisturbed", pairs: 4, undisturbed: true, busyNow: true},
		{what: "four in a row", pairs: 4, over: true},
		{what: "a cost gates", pairs: 4, busyNow: true, gatesCost: true},
	} {
		w := &watched{}
		s := &session{Request: Request{Observer: w, Targets: map[bench.Role]targets.Target{bench.Baseline: {}},
			watchOthers: func(context.Context, time.Duration) host.Others {
				o := host.Others{Known: true, Programs: []host.Program{{Name: "make", PID: 7, Cores: 1}}}
				if c.busyNow {
					o.Share = .5
				}
				return o
			}}, record: &record{}}
		s.machine.busy = c.busyAtStart
		if c.gatesCost {
			s.Plan.CostGates = []string{"cpu"}
		}
		for pair := range c.pairs {
			for _, role := range []bench.Role{bench.Baseline, bench.Candidate} {
				one := bench.Trial{Slot: bench.Slot{Pair: pair, Role: role}, Excluded: []string{"others"}}
				if c.undisturbed && pair == 1 {
					one.Excluded = nil
				}
				s.record.run.Trials = append(s.record.run.Trials, one)
			}
		}
		over := (&trials{session: s}).notOurs(t.Context())
		if over != c.over || over != (len(s.record.stopped) > 0) {
			t.Errorf("%s: over %v, stopped %q; want %v", c.what, over, s.record.stopped, c.over)
		}
		if named := strings.Contains(strings.Join(s.record.stopped, ""), "make (process 7"); named != (over &&
			c.busyNow) {
			t.Errorf("%s: stopped because %q", c.what, s.record.stopped)
		}
	}
}

// A run with a cost among its gates goes on where the machine is not its own. When others left so
// little that no trial fits, that is what ends it, and no mistake of whoever asked for it.
func TestNoRoomForTrialsIsTheMachinesFault(t *testing.T) {
	for _, c := range []struct {
		what  string
		slow  time.Duration // each token
		pairs int
		why   string
	}{
		{"the median fits", 2 * time.Second, 8, ""},
		{"nothing fits", 9 * time.Second, 0, "other programs used the machine while the rates were looked for"},
	} {
		t.Run(c.what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := tokenPlan(plan.Compare, t.TempDir())
				p.Rates, p.CostGates = map[string]plan.Rate{"": {Auto: true}}, []string{"cpu"}
				n := &network{}
				r, baseline, candidate := n.compared(p)
				for _, f := range []*fakeServer{baseline, candidate} {
					f.slow = map[string]time.Duration{"token": c.slow}
				}
				r.watchOthers = func(_ context.Context, d time.Duration) host.Others {
					time.Sleep(d)
					return host.Others{Known: true, Share: .9}
				}
				result, err := Run(t.Context(), r)
				if err != nil {
					t.Fatal(err)
				}
				pairs := map[int]bool{}
				for _, trial := range result.Run.Trials {
					if !trial.Warmup {
						pairs[trial.Pair] = true
					}
				}
				if why := strings.Join(result.Run.End.Stopped, "; "); len(pairs) != c.pairs ||
					!strings.HasPrefix(why, c.why) ||
					(why == "") != (c.why == "") {
					t.Errorf("%d pairs, stopped because %q; want %d, %q", len(pairs), why, c.pairs, c.why)
				}
			})
		})
	}
}
