package reports

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/reports/internal/fixture"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

// Every row is whole, the counts add up to what the headline says, and the quantiles of
// a trial ascend.
func TestCSVRows(t *testing.T) {
	for name, r := range fixture.Situations() {
		rows, err := csv.NewReader(bytes.NewReader(write(t, "csv", r))).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !slices.Equal(rows[0], slices.Concat(csvColumns, moreColumns())) {
			t.Fatalf("%s: columns %q", name, rows[0])
		}
		column := func(row []string, name string) string { return row[slices.Index(csvColumns, name)] }
		decision := string(r.Decision())
		measurements := 0
		for _, trial := range r.Run.Trials {
			measurements += len(trial.Measurements)
		}
		if got, want := len(rows)-1, measurements*len(bench.MergedQuantiles); got != want {
			t.Errorf("%s: %d rows; want %d", name, got, want)
		}
		arrivals := map[string]int64{}
		var before int64
		for _, row := range rows[1:] {
			value, err := strconv.ParseInt(column(row, "response_ns"), 10, 64)
			if err != nil || column(row, "decision") != decision {
				t.Fatalf("%s: row %q: %v", name, row, err)
			}
			first := column(row, "quantile") == "0.5"
			if !first && value < before {
				t.Errorf("%s: %q is below the quantile before it", name, row)
			}
			before = value
			if first && column(row, "counts") == "true" {
				n, err := strconv.ParseInt(column(row, "arrivals"), 10, 64)
				if err != nil {
					t.Fatal(err)
				}
				arrivals[column(row, "role")+" "+column(row, "operation")] += n
			}
		}
		s := summary.Of(r)
		for _, op := range s.Operations {
			for i, m := range op.Sides {
				if got := arrivals[string(s.Sides[i].Role)+" "+op.Name]; got != m.Outcomes.Total() {
					t.Errorf("%s, %s: %d arrivals count; the table has %d", name, op.Name, got, m.Outcomes.Total())
				}
			}
		}
	}
}

// No cell is a formula for a spreadsheet, whatever a server or a plan is called.
func TestCSVIsNoFormula(t *testing.T) {
	for i, evil := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "|cmd",
		"=HYPERLINK(\"http://evil.example\",\"x\")", "＝1", "a,b\"c\nd"} {
		r := fixture.UsualReport()
		for k := range r.Run.Trials {
			trial := &r.Run.Trials[k]
			trial.Deployment, trial.Excluded = evil, []string{evil}
			trial.Measurements[0].Operation = evil
		}
		rows, err := csv.NewReader(bytes.NewReader(write(t, "csv", r))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			for _, c := range row {
				if c == "" || c[0] >= '0' && c[0] <= '9' {
					continue
				}
				if strings.ContainsAny(c[:1], "=+-@|%\t\r") || strings.HasPrefix(strings.TrimLeft(c, " \t"), "=") ||
					strings.HasPrefix(c, "＝") {
					t.Fatalf("%d: cell %q", i, c)
				}
			}
		}
	}
}

func ExampleFormat() {
	for _, f := range Formats[:3] {
		fmt.Println(f.Name, f.File, f.Single())
	}
	// Output:
	// text report.txt true
	// markdown report.md true
	// json verdict.json true
}
