package summary_test

import (
	"strings"
	"testing"

	"oauthbench/bench/verdict"
	"oauthbench/reports/internal/fixture"
	"oauthbench/reports/internal/summary"
)

// A limit is said to be a side's where there are two; a version alone is nobody's candidate.
func TestALimitNamesItsSideOfTwoOnly(t *testing.T) {
	slo, err := verdict.ParseSLO("token p99 < 50ms")
	if err != nil {
		t.Fatal(err)
	}
	for situation, named := range map[string]bool{"single": false, "usual": true} {
		r := fixture.Situations()[situation]
		r.Verdict.SLOs = []verdict.SLOResult{{SLO: slo, Side: verdict.Candidate, Value: 0.02, Held: true}}
		lines := summary.Slos(summary.Of(r))
		if len(lines) != 1 || !strings.HasPrefix(lines[0].Text, slo.String()) || lines[0].Word != "held" {
			t.Fatalf("%s: %+v; want the limit, held", situation, lines)
		}
		if got := strings.Contains(lines[0].Text, "(candidate)"); got != named {
			t.Errorf("%s: %q; a side is named: want %t", situation, lines[0].Text, named)
		}
	}
}
