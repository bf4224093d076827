package cli

import (
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
	selftests "github.com/oauthbench/oauthbench/internal/selftest"
)

func TestSelftestJudgesTheMachine(t *testing.T) {
	busy := func(n int) func(*bench.Run) {
		return func(r *bench.Run) {
			for i := range n {
				r.Trials[2*i].Excluded = []string{"other programs"}
				r.Trials[2*i].Machine.Foreign = .4
			}
		}
	}
	for _, c := range []struct {
		what  string
		run   madeRun
		gates bool
		want  string
	}{
		{"quiet", madeRun{noise: .01}, true, "This machine can gate with every profile."},
		{"too noisy for eight pairs, not for fifteen epochs", madeRun{noise: .15}, true,
			"This machine can gate with ci and thorough."},
		{"hopeless", madeRun{noise: 2}, false, "This machine should not gate."},
		{"busy", madeRun{noise: .01, change: busy(3)}, false, "at most 40.0 % (limit 10.0 %)"},
		{"equal versions that differ", madeRun{noise: .001, factor: 1.5}, false,
			"equal versions were called different"},
	} {
		got, err := selftests.Assess(c.run.run(), 0)
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		var out strings.Builder
		if err := got.Document().WriteText(&out, false); err != nil {
			t.Fatal(err)
		}
		if got.Gates() != c.gates || !strings.Contains(oneLine(out.String()), c.want) {
			t.Errorf("%s: gates %v; want %v and %q in\n%s", c.what, got.Gates(), c.gates, c.want, out.String())
		}
	}
}
