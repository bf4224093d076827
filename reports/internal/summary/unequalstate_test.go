package summary

import (
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
)

// A slower server that ran already may be the one with more in its tables, and only there.
func TestUnequalStateIsNamed(t *testing.T) {
	for _, c := range []struct {
		server   string
		decision verdict.Decision
		by       verdict.Decision // of the one percentile
		want     bool
	}{
		{"external", verdict.Regression, verdict.Regression, true},
		{"embedded", verdict.Regression, verdict.Regression, false},
		{"external", verdict.Regression, verdict.Pass, false}, // by its errors
		{"external", verdict.Inconclusive, verdict.Regression, false},
	} {
		s := &Summary{Run: &bench.Run{}, Sides: []Side{{Role: bench.Candidate}}}
		s.Sides[0].Deployment.Server = c.server
		s.Verdict = verdict.Verdict{Decision: c.decision, Comparisons: []verdict.Comparison{{Decision: c.by}}}
		if got := strings.Contains(makeStateEqual(s), "not made equal"); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
