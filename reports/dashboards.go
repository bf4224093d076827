package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/oauthbench/oauthbench/internal/plaintext"
)

// bencherMeasure is a value in Bencher's metric format, with the ends of its interval.
type bencherMeasure struct {
	Value float64  `json:"value"`
	Lower *float64 `json:"lower_value,omitempty"`
	Upper *float64 `json:"upper_value,omitempty"`
}

// writeBencher writes the figures in Bencher's metric format: benchmark, measure, value.
// A benchmark is an operation of a version, a measure a statistic.
func writeBencher(w io.Writer, d *Document) error {
	all := map[string]map[string]bencherMeasure{}
	for _, v := range d.finite() {
		name := figureName(v)
		if all[name] == nil {
			all[name] = map[string]bencherMeasure{}
		}
		m := bencherMeasure{Value: v.Number}
		if v.High != 0 {
			m.Lower, m.Upper = &v.Low, &v.High
		}
		all[name][v.Statistic] = m
	}
	return encode(w, all)
}

// smallerIsBetter is one figure as the GitHub action github-action-benchmark takes it
// with its tool customSmallerIsBetter.
type smallerIsBetter struct {
	Name  string  `json:"name"`
	Unit  string  `json:"unit"`
	Value float64 `json:"value"`
	Range string  `json:"range,omitempty"`
	Extra string  `json:"extra,omitempty"`
}

// writeActionBenchmark writes what is better when it is smaller: response times, ratios,
// and what was not OK.
func writeActionBenchmark(w io.Writer, d *Document) error {
	all := []smallerIsBetter{}
	for _, v := range d.finite() {
		_, percentile := percentileOf(v.Statistic)
		if percentile == "" && v.Statistic != "not_ok" {
			continue
		}
		one := smallerIsBetter{Name: figureName(v) + " " + v.Statistic, Unit: v.Unit, Value: v.Number,
			Extra: plaintext.Line(d.Headline)}
		if v.Unit == "ns" {
			one.Unit, one.Value = "ms", v.Number/1e6
		}
		if v.High != 0 {
			one.Unit, one.Range = "x", fmt.Sprintf("%.3f to %.3f", v.Low, v.High)
		}
		all = append(all, one)
	}
	return encode(w, all)
}

// figureName says what a figure is of: release, operation, role and version.
func figureName(v Value) string {
	var parts []string
	for _, part := range []string{v.Release, v.Operation, string(v.Role), v.Version} {
		if part != "" {
			parts = append(parts, plaintext.Line(part))
		}
	}
	return strings.Join(parts, " ")
}
