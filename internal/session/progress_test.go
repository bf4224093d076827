package session

import (
	"path/filepath"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oauthbench/oauthbench/bench/experiment"
	"github.com/oauthbench/oauthbench/internal/plan"
)

// The line of a preparation counts its own steps only, and is empty when there are none.
func TestPreparationSaysHowFarItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		done, total := int64(100), int64(100) // of an earlier preparation
		a := preparing(func() (int64, int64) { return done, total })
		if got := a.Line(); got != "" {
			t.Errorf("says %q, though nothing is to be done", got)
		}
		done, total = 1100, 4100
		time.Sleep(61 * time.Second)
		if got, want := a.Line(), "preparing, 1000 of 4000 steps  1:01"; got != want {
			t.Errorf("says %q; want %q", got, want)
		}
	})
}

// What matters of a comparison stands within 80 columns, whatever the versions are called: its
// share, the time left, failures, and P95 so far of both.
func TestLineKeepsWhatMatters(t *testing.T) {
	virtually(t, func(t *testing.T, n *network) {
		r, _, _ := n.compared(tokenPlan(plan.Compare, filepath.Join(t.TempDir(), "r")))
		w := &watched{}
		var lines []string
		w.after = func() { lines = append(lines, w.line()) }
		r.Observer = w
		if _, err := Run(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		want := regexp.MustCompile(`^\[#*\.*\] (trial |warm-up, )\d+ of \d+  \d+:\d\d left  0 failed  ` +
			`P95 [5-9](\.\d+)? ms -> [5-9](\.\d+)? ms`)
		for i, line := range lines {
			brief := []rune(line)
			if brief = brief[:min(80, len(brief))]; i >= len(lines)/2 && !want.MatchString(string(brief)) {
				t.Errorf("after trial %d: %q", i+1, string(brief))
			}
		}
		if len(lines) < 4 {
			t.Errorf("%d lines", len(lines))
		}
	})
}

// What goes on between trials is told by its name, not as the last trial's end.
func TestLineBetweenTrials(t *testing.T) {
	p := &experiment.Progress{}
	for stage, c := range map[string]struct{ deployment, want string }{
		starting:  {"", "starting afresh"},
		burningIn: {"keycloak:26.7.3", "keycloak:26.7.3  burning in"},
		compiling: {"", "waiting for compilers"},
	} {
		p.Between(c.deployment, stage)
		steps := func() (int64, int64) { t.Errorf("%s: asks for the steps of a trial", stage); return 0, 0 }
		if got := detail(p.Now(), steps); got != c.want {
			t.Errorf("says %q; want %q", got, c.want)
		}
	}
}
