package reports

import (
	"strings"
	"testing"
)

// A document without single trials has a line for each operation, and rates are better when they are
// higher.
func TestGoBenchOfFigures(t *testing.T) {
	d := &Document{values: func() []Value {
		return []Value{{Role: "candidate", Statistic: "capacity", Unit: "/s", Number: 120.5},
			{Role: "candidate", Operation: "token", Statistic: "p95", Unit: "ns", Number: 2e6},
			{Role: "candidate", Operation: "token", Statistic: "p99", Unit: "ns", Number: 4e6},
			{Role: "candidate", Statistic: "ratio_capacity", Number: 1.1},
			{Release: "v 1/2", Operation: "é", Statistic: "p95", Unit: "ns", Number: 1e9}}
	}}
	var b strings.Builder
	if err := writeGoBench(&b, d); err != nil {
		t.Fatal(err)
	}
	want := "Unit capacity-per-sec better=higher\n" +
		"BenchmarkAll/role=candidate\t1\t120.5 capacity-per-sec\n" +
		"BenchmarkToken/role=candidate\t1\t0.002 p95-sec\t0.004 p99-sec\n" +
		"BenchmarkÉ/release=v_1_2\t1\t1 p95-sec\n"
	if got := b.String(); !strings.HasSuffix(got, want) {
		t.Errorf("%s\nwant at its end\n%s", got, want)
	}
}
