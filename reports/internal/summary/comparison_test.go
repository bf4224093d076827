package summary

import (
	"math"
	"testing"

	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

func TestRatio(t *testing.T) {
	for _, test := range []struct {
		c    *verdict.Comparison
		want string
	}{
		{nil, units.None},
		{&verdict.Comparison{Decision: verdict.Pass, Ratio: verdict.Interval{Estimate: 1.06, Low: .98, High: 1.14}},
			"x1.06 [0.98, 1.14]"},
		{&verdict.Comparison{Decision: verdict.Inconclusive,
			Ratio: verdict.Interval{Estimate: 1.06, Low: .98, High: 1.14}}, "~ [0.98, 1.14]"},
		// too few units: no bounds
		{&verdict.Comparison{Decision: verdict.Inconclusive,
			Ratio: verdict.Interval{Estimate: 1.06, High: math.Inf(1)}}, "~"},
		{&verdict.Comparison{Decision: verdict.Pass, Ratio: verdict.Interval{Estimate: .043, Low: .041, High: .045}},
			"x0.043 [0.041, 0.045]"},
	} {
		if got := Ratio(test.c, "x"); got != test.want {
			t.Errorf("ratio = %q; want %q", got, test.want)
		}
	}
}
