package verdict

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// kind is the unit of a metric.
type kind int

const (
	kindTime kind = iota
	kindRatio
	kindCount
)

// Metric is something an SLO can limit.
type Metric struct {
	Name    string
	Summary string
	kind    kind
	at      float64 // quantile, for kindTime
}

// Metrics lists what an SLO can limit, in the order of the documentation.
var Metrics = []Metric{
	{"p50", "median response time", kindTime, 0.5},
	{"p90", "90th percentile of response time", kindTime, 0.9},
	{"p95", "95th percentile of response time", kindTime, 0.95},
	{"p99", "99th percentile of response time", kindTime, 0.99},
	{"p99.9", "99.9th percentile of response time", kindTime, 0.999},
	{"max", "longest response time", kindTime, 1},
	{"error_ratio", "arrivals without a right answer (rejected, timed out, unreachable, invalid) / arrivals", kindRatio, 0},
	{"invalid", "number of wrong answers", kindCount, 0},
	{"rejected", "number of unexpected 4xx and 5xx answers", kindCount, 0},
	{"timeout", "number of requests without an answer in time", kindCount, 0},
	{"unreachable", "number of requests that found no server", kindCount, 0},
	{"achieved", "achieved / offered rate", kindRatio, 0},
}

// timeUnits are the powers of ten of nanoseconds, largest first.
var timeUnits = []struct {
	name  string
	power int
}{{"s", 9}, {"ms", 6}, {"us", 3}, {"ns", 0}}

// limit converts a number and its unit. The unit is applied to the decimal
// text, not to the binary number, so that 0.1% is the float 0.001 and nothing
// near it.
func (m Metric) limit(number, unit string) (value float64, problem string) {
	scaled := func(power int) float64 {
		x, err := strconv.ParseFloat(number+"e"+strconv.Itoa(power), 64)
		if err != nil {
			return math.NaN() // cannot happen: the pattern allows digits only
		}
		return x
	}
	switch m.kind {
	case kindTime:
		for _, u := range timeUnits {
			if unit == u.name {
				ns := scaled(u.power)
				if !(ns >= 1 && ns <= 24*3600e9) || ns != math.Trunc(ns) {
					return 0, "want a time from 1ns to a day, in whole nanoseconds"
				}
				return ns, ""
			}
		}
		return 0, "want the unit s, ms, us or ns"
	case kindRatio:
		switch unit {
		case "%":
			value = scaled(-2)
		case "":
			value = scaled(0)
		default:
			return 0, "want % or no unit"
		}
		if value > 1 {
			return 0, "want at most 100%"
		}
		return value, ""
	}
	value = scaled(0)
	if unit != "" || value != math.Trunc(value) {
		return 0, "want a whole number without unit"
	}
	return value, ""
}

// format prints a value of the metric with its unit.
func (m Metric) format(value float64) string {
	text := strconv.FormatFloat(value, 'f', -1, 64)
	switch m.kind {
	case kindTime:
		for _, u := range timeUnits {
			if value >= math.Pow10(u.power) {
				return shiftPoint(text, -u.power) + u.name
			}
		}
		return text + "ns"
	case kindRatio:
		return shiftPoint(text, 2) + "%"
	}
	return text
}

// shiftPoint moves the decimal point of a number in plain notation to the
// right, or left when places is negative: exact, where a multiplication by a
// power of ten would round.
func shiftPoint(number string, places int) string {
	whole, fraction, _ := strings.Cut(number, ".")
	if places >= 0 {
		fraction += strings.Repeat("0", max(0, places-len(fraction)))
		whole, fraction = whole+fraction[:places], fraction[places:]
	} else {
		whole = strings.Repeat("0", max(0, 1-places-len(whole))) + whole
		cut := len(whole) + places
		whole, fraction = whole[:cut], whole[cut:]+fraction
	}
	whole, fraction = strings.TrimLeft(whole, "0"), strings.TrimRight(fraction, "0")
	if whole == "" {
		whole = "0"
	}
	if fraction == "" {
		return whole
	}
	return whole + "." + fraction
}

func (m Metric) example(operation string) string {
	switch m.kind {
	case kindTime:
		return operation + " " + m.Name + " < 100ms"
	case kindRatio:
		if m.Name == "achieved" {
			return operation + " achieved >= 99%"
		}
		return operation + " " + m.Name + " < 0.1%"
	}
	return operation + " " + m.Name + " = 0"
}

func metricNamed(name string) (Metric, bool) {
	i := slices.IndexFunc(Metrics, func(m Metric) bool { return m.Name == name })
	if i < 0 {
		return Metric{}, false
	}
	return Metrics[i], true
}

func metricNames() string {
	names := make([]string, len(Metrics))
	for i, m := range Metrics {
		names[i] = m.Name
	}
	return strings.Join(names, " ")
}
