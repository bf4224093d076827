package exitcode

import (
	"testing"

	"github.com/oauthbench/oauthbench/bench/verdict"
)

func TestFailOn(t *testing.T) {
	for _, c := range []struct {
		fail FailOn
		d    verdict.Decision
		want int
	}{
		{"", verdict.Pass, 0},
		{"", verdict.Regression, 1},
		{"", verdict.Inconclusive, 3},
		{FailInconclusive, verdict.Regression, 1},
		{FailInconclusive, verdict.Inconclusive, 3},
		{FailInconclusive, verdict.Invalid, 3},
		{FailRegression, verdict.Pass, 0},
		{FailRegression, verdict.Regression, 1},
		{FailRegression, verdict.Inconclusive, 0},
		{FailRegression, verdict.Invalid, 0},
		{FailNever, verdict.Regression, 0},
		{FailNever, verdict.Invalid, 0},
	} {
		if got := c.fail.Code(c.d); got != c.want {
			t.Errorf("--fail-on %s: %s exits with %d; want %d", c.fail, c.d, got, c.want)
		}
	}
}
