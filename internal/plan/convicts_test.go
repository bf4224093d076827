package plan

import (
	"testing"

	"github.com/oauthbench/oauthbench/bench/verdict"
)

// The command of a stored run repeats its rule: what noise chose is written and read again, with what convicts.
func TestMarginsThatConvictFromLessAreReadAgain(t *testing.T) {
	for _, want := range []verdict.Margin{
		{Operation: "token", Quantile: .95, Fraction: .25, Convicts: .125},
		{Quantile: .95, Fraction: .2, Convicts: .1},
		{Fraction: .15, Convicts: .1},
	} {
		got, err := parseMargin(marginText(want))
		if err != nil || got != want {
			t.Errorf("%q is read as %+v, %v; want %+v", marginText(want), got, err, want)
		}
	}
	for _, bad := range []string{"token p95 10% convicts 10%", "token p95 20% convicts 2ms", "p95 20% convicts",
		"p95 2ms convicts 10%"} {
		if m, err := parseMargin(bad); err == nil {
			t.Errorf("%q is taken for %+v", bad, m)
		}
	}
}
