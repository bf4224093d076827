package summary

import (
	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// Statistic is one figure of an operation and version beside its percentiles.
type Statistic struct {
	Name   string // in tables
	Column string // in files for programs, with the unit where it has one
	Unit   string // "/s", "ns", or "" for a count
	// Of is the figure of one trial, or of all that count together.
	Of func(bench.Measurement) float64
	// Words prints it.
	Words func(float64) string
}

// Statistics are shown by every format, in this order. One more is one entry here.
var Statistics = []Statistic{
	{"offered", "offered_per_second", "/s", func(m bench.Measurement) float64 { return m.Offered }, units.Rate},
	{"achieved", "achieved_per_second", "/s", func(m bench.Measurement) float64 { return m.Achieved }, units.Rate},
	{"arrivals", "arrivals", "", func(m bench.Measurement) float64 { return float64(m.Outcomes.Total()) }, whole},
	{"not OK", "not_ok", "", func(m bench.Measurement) float64 { return float64(m.Outcomes.Failed()) }, whole},
}

func whole(v float64) string { return units.Count(int64(v)) }
