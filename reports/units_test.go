package reports

import (
	"math"
	"testing"
	"time"

	"oauthbench/bench/verdict"
)

func TestDuration(t *testing.T) {
	for _, test := range []struct {
		in   time.Duration
		want string
	}{
		{0, "0 ns"},
		{850, "850 ns"},
		{999_600, "1.00 ms"}, // rounds into the next unit
		{152_340, "152 µs"},
		{12_440 * time.Microsecond, "12.4 ms"},
		{999_900 * time.Microsecond, "1.00 s"},
		{1_310 * time.Millisecond, "1.31 s"},
		{25 * time.Second, "25.0 s"},
		{time.Hour, "3600 s"},
		{-2 * time.Millisecond, "-2.00 ms"},
	} {
		if got := duration(test.in); got != test.want {
			t.Errorf("duration(%d) = %q; want %q", test.in, got, test.want)
		}
	}
}

func TestRatio(t *testing.T) {
	for _, test := range []struct {
		c    *verdict.Comparison
		want string
	}{
		{nil, none},
		{&verdict.Comparison{Decision: verdict.Pass, Ratio: verdict.Interval{Estimate: 1.06, Low: .98, High: 1.14}}, "x1.06 [0.98, 1.14]"},
		{&verdict.Comparison{Decision: verdict.Inconclusive, Ratio: verdict.Interval{Estimate: 1.06, Low: .98, High: 1.14}}, "~ [0.98, 1.14]"},
		// too few units: no bounds
		{&verdict.Comparison{Decision: verdict.Inconclusive, Ratio: verdict.Interval{Estimate: 1.06, High: math.Inf(1)}}, "~"},
		{&verdict.Comparison{Decision: verdict.Pass, Ratio: verdict.Interval{Estimate: .043, Low: .041, High: .045}}, "x0.043 [0.041, 0.045]"},
	} {
		if got := ratio(test.c, "x"); got != test.want {
			t.Errorf("ratio = %q; want %q", got, test.want)
		}
	}
}

func TestShell(t *testing.T) {
	got := Shell([]string{"oauthbench", "--slo", "token p99 < 50ms", "it's", ""})
	if want := `oauthbench --slo 'token p99 < 50ms' 'it'\''s' ''`; got != want {
		t.Errorf("shell = %s; want %s", got, want)
	}
}
