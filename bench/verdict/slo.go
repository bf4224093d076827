package verdict

import (
	"fmt"
	"regexp"
	"slices"
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
		return fail("%q before the operator; want an operation and a metric, as in %s", strings.TrimSpace(text[:at[0]]), example)
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
