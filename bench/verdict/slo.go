package verdict

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// SLO is an absolute limit for one operation, such as
//
//	token p99 < 100ms
//	introspect error_ratio < 0.1%
//	revoke invalid = 0
//	refresh achieved >= 99%
//
// Make one with ParseSLO. It travels through JSON and plan files as its text.
type SLO struct {
	Operation string
	Metric    string // one of Metrics
	Operator  string // one of Operators
	// Limit in nanoseconds for response times, as a fraction for ratios, else a
	// count. Not negative.
	Limit float64
}

// Operators of an SLO.
var Operators = []string{"<", "<=", "=", ">=", ">"}

var (
	operatorText  = regexp.MustCompile(`[<>=!~]+`)
	operationText = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./-]*$`)
	limitText     = regexp.MustCompile(`^([0-9]{1,12}(?:\.[0-9]{1,12})?)\s*([A-Za-z%µ]*)$`)
)

// ParseSLO reads "operation metric operator limit". The limit's unit is s, ms,
// us or ns for response times, % or none (a fraction) for error_ratio and
// achieved, none for counts. Spaces around the operator and before the unit
// are free. The error names the text at fault and shows a correct example.
func ParseSLO(text string) (SLO, error) {
	fail := func(format string, args ...any) (SLO, error) {
		return SLO{}, fmt.Errorf("SLO %q: %s", text, fmt.Sprintf(format, args...))
	}
	const example = `"token p99 < 100ms"`
	at := operatorText.FindStringIndex(text)
	if at == nil {
		return fail("no operator; want one of %s, as in %s", strings.Join(Operators, " "), example)
	}
	s := SLO{Operator: text[at[0]:at[1]]}
	if !slices.Contains(Operators, s.Operator) {
		return fail("operator %q; want one of %s, as in %s", s.Operator, strings.Join(Operators, " "), example)
	}
	left := strings.Fields(text[:at[0]])
	if len(left) != 2 {
		return fail("%q before the operator; want an operation and a metric, as in %s", strings.TrimSpace(text[:at[0]]),
			example)
	}
	s.Operation, s.Metric = left[0], strings.ToLower(left[1])
	if !operationText.MatchString(s.Operation) {
		return fail("operation %q; want a name such as token, as in %s", s.Operation, example)
	}
	metric, ok := metricNamed(s.Metric)
	if !ok {
		return fail("metric %q; want one of %s, as in %s", left[1], metricNames(), example)
	}
	right := strings.TrimSpace(text[at[1]:])
	parts := limitText.FindStringSubmatch(right)
	if parts == nil {
		return fail("limit %q; want a number and its unit, as in %q", right, metric.example(s.Operation))
	}
	limit, problem := metric.limit(parts[1], parts[2])
	if problem != "" {
		return fail("limit %q: %s, as in %q", right, problem, metric.example(s.Operation))
	}
	s.Limit = limit
	return s, nil
}

// String is the canonical text; ParseSLO reads it back to an equal SLO.
func (s SLO) String() string {
	m, _ := metricNamed(s.Metric)
	return fmt.Sprintf("%s %s %s %s", s.Operation, s.Metric, s.Operator, m.format(s.Limit))
}

// MarshalText implements encoding.TextMarshaler.
func (s SLO) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *SLO) UnmarshalText(text []byte) error {
	parsed, err := ParseSLO(string(text))
	if err == nil {
		*s = parsed
	}
	return err
}

// Longest is the limit of a response time that must not be exceeded; false for an SLO that
// limits something else.
func (s SLO) Longest() (time.Duration, bool) {
	m, _ := metricNamed(s.Metric)
	return time.Duration(s.Limit), m.kind == kindTime && (s.Operator == "<" || s.Operator == "<=")
}

// Quantile is the quantile of response time that is limited, 1 for the longest; false for an
// SLO that limits something else.
func (s SLO) Quantile() (float64, bool) {
	m, _ := metricNamed(s.Metric)
	return m.at, m.kind == kindTime
}

// Attainable tells whether a measured value can meet the limit other than by accident: equality is
// for counts, and for a share of nothing.
func (s SLO) Attainable() bool {
	m, _ := metricNamed(s.Metric)
	return s.Operator != "=" || m.kind == kindCount || m.kind == kindRatio && s.Limit == 0
}

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
	at      float64 // The quantile that is limited, where kind is kindTime.
}

// Metrics lists what an SLO can limit, in the order of the documentation.
var Metrics = []Metric{
	{"p50", "median response time", kindTime, 0.5},
	{"p90", "90th percentile of response time", kindTime, 0.9},
	{"p95", "95th percentile of response time", kindTime, 0.95},
	{"p99", "99th percentile of response time", kindTime, 0.99},
	{"p99.9", "99.9th percentile of response time", kindTime, 0.999},
	{"max", "longest response time", kindTime, 1},
	{"error_ratio", "arrivals without a right answer (rejected, timed out, unreachable, invalid) / arrivals", kindRatio,
		0},
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
