package cli

import (
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict/runs"
	"github.com/oauthbench/oauthbench/internal/exitcode"
	"github.com/oauthbench/oauthbench/internal/plan"
)

// underWay is a run whose epochs so far are those of a made one.
func underWay(m madeRun) *bench.Run {
	if m.profile == "" {
		m.profile = "ci"
	}
	m.blocks = 2
	run := m.run()
	run.End = nil // as it is until the run is over
	return run
}

func TestRunsEndEarly(t *testing.T) {
	for _, c := range []struct {
		what   string
		run    madeRun
		epochs int
		stop   bool
		noisy  bool
	}{
		{"three epochs say nothing about noise", madeRun{epochs: 3, noise: 2}, 3, false, false},
		{"a quiet machine goes on", madeRun{epochs: 4, noise: .01}, 4, false, false},
		{"a quiet machine goes on, however slow the candidate", madeRun{epochs: 4, noise: .01, factor: 5}, 4, false,
			false},
		{"a machine on which eight epochs decide nothing", madeRun{epochs: 4, noise: 1}, 4, true, true},
		{"later it is too late to save time", madeRun{epochs: 5, noise: 1}, 5, false, false},
		{"the first look decides", madeRun{epochs: 8, noise: .01}, 8, true, false},
	} {
		got, why := runs.ShouldStop(underWay(c.run), c.epochs)
		if got != c.stop || (len(why) > 0) != c.noisy {
			t.Errorf("%s: stop %v with %q; want %v", c.what, got, why, c.stop)
		}
	}
}

// A look before the last one ends the run when it is decided there: the run under way
// has no end yet, which must not be taken for an interruption.
func TestLookBeforeTheLastDecides(t *testing.T) {
	p := plan.Default(plan.Compare)
	p.Profile = "thorough"
	if len(p.EffectiveProfile().Rule.Looks) < 2 {
		t.Fatal("thorough has one look")
	}
	if stop, _ := runs.ShouldStop(underWay(madeRun{profile: "thorough", epochs: 8, noise: .01}), 8); !stop {
		t.Error("eight equal epochs do not end a thorough run at its first look")
	}
}

// What the run stored says why it ended, and its report as well.
func TestNoisyRunSaysWhy(t *testing.T) {
	dir := t.TempDir()
	madeRun{profile: "ci", epochs: 4, blocks: 2, noise: 1, change: func(r *bench.Run) {
		r.End.Stopped = []string{"environment too noisy: token P95"}
	}}.store(t, dir+"/r")
	code, stdout, stderr := oauthbench(t, dir, "report", "r")
	if code != exitcode.Inconclusive || !strings.HasPrefix(stdout, "INCONCLUSIVE") ||
		!strings.Contains(oneLine(stdout), "- environment too noisy: token P95") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
}
