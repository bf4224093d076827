package verdict

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"
)

// SLOResult is one SLO on one version.
type SLOResult struct {
	SLO  SLO
	Side Side
	// Value in the unit of SLO.Limit; NaN (JSON null) when the data lack it.
	Value float64
	// Held says that the value is known and keeps the limit.
	Held bool
}

type sloResultJSON struct {
	SLO   SLO      `json:"slo"`
	Side  Side     `json:"deployment"`
	Value *float64 `json:"value"`
	Held  bool     `json:"held"`
}

// MarshalJSON implements json.Marshaler.
func (r SLOResult) MarshalJSON() ([]byte, error) {
	return json.Marshal(sloResultJSON{r.SLO, r.Side, finite(r.Value), r.Held})
}

// UnmarshalJSON implements json.Unmarshaler.
func (r *SLOResult) UnmarshalJSON(b []byte) error {
	var j sloResultJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return fmt.Errorf("SLO result: %w", err)
	}
	*r = SLOResult{j.SLO, j.Side, orElse(j.Value, math.NaN()), j.Held}
	return nil
}

// Known says whether the data held the metric at all.
func (r SLOResult) Known() bool { return !math.IsNaN(r.Value) }

// String is "token p99 < 100ms: 132 ms, missed".
func (r SLOResult) String() string {
	m, _ := metricNamed(r.SLO.Metric)
	switch {
	case !r.Known():
		return r.SLO.String() + ": not measured"
	case r.Held:
		return fmt.Sprintf("%v: %s, held", r.SLO, spaced(m.format(readable(r.Value, m.kind))))
	}
	return fmt.Sprintf("%v: %s, missed", r.SLO, spaced(m.format(readable(r.Value, m.kind))))
}

// spaced sets a unit apart from its number, as reports write it: "132 ms". What is no number
// with a unit stays as it is.
func spaced(figure string) string {
	at := strings.IndexFunc(figure, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if at <= 0 || strings.ContainsAny(figure[at:], "0123456789") {
		return figure
	}
	return figure[:at] + " " + figure[at:]
}

// inWords is a time in the form of reports; from a minute on it is Go's, such as 1m30s.
func inWords(d time.Duration) string { return spaced(d.String()) }

// readable rounds a measured value to four significant digits.
func readable(x float64, k kind) float64 {
	if x == 0 || k == kindCount {
		return x
	}
	unit := math.Pow10(int(math.Floor(math.Log10(math.Abs(x)))) - 3)
	if k == kindTime {
		unit = max(unit, 1)
	}
	if unit >= 1 {
		return math.Round(x/unit) * unit
	}
	return math.Round(x/unit) / math.Round(1/unit)
}

// judgeSLOs evaluates every SLO on each of the sides. Response times come from the
// merged histograms, the achieved rate from the undisturbed pairs. What was refused or
// lost counts in disturbed pairs too, and wrong answers wherever they were given.
func judgeSLOs(in Input, sides ...Side) []SLOResult {
	var out []SLOResult
	valid := undisturbed(in.Pairs)
	for _, slo := range in.SLOs {
		for _, side := range sides {
			pairs := in.Pairs
			switch {
			case slo.Metric == "invalid" || len(in.Pairs) == 0:
				pairs = in.answered()
			case slo.Metric == "achieved":
				pairs = valid
			}
			r := SLOResult{SLO: slo, Side: side, Value: in.value(slo, side, pairs)}
			r.Held = r.Known() && slo.holds(r.Value) && !slo.ofFailures(tally(pairs, side)[slo.Operation].counts)
			out = append(out, r)
		}
	}
	return out
}

// On judges one SLO on what one trial observed of its operation, whose limited quantile must
// be among its quantiles.
func (s SLO) On(o Observation) SLOResult {
	one := Pair{Candidate: Trial{Operations: []Observation{o}}}
	in := Input{Merged: []Merged{{Side: Candidate, Operation: o.Operation, Quantiles: o.Quantiles}}}
	r := SLOResult{SLO: s, Side: Candidate, Value: in.value(s, Candidate, []Pair{one})}
	r.Held = r.Known() && s.holds(r.Value) && !s.ofFailures(o.Counts)
	return r
}

// ofFailures says that the limited percentile is one of failed arrivals. They were never
// answered, so that they miss every limit on times, whatever the timeout was.
func (s SLO) ofFailures(c Counts) bool {
	m, _ := metricNamed(s.Metric)
	return m.kind == kindTime && float64(c.Errors()) > (1-m.at)*float64(c.Arrivals)
}

func (s SLO) holds(value float64) bool {
	switch s.Operator {
	case "<":
		return value < s.Limit
	case "<=":
		return value <= s.Limit
	case "=":
		return value == s.Limit
	case ">=":
		return value >= s.Limit
	case ">":
		return value > s.Limit
	}
	return false
}

// value of the SLO's metric on one side, NaN when the data lack it.
func (in Input) value(s SLO, side Side, pairs []Pair) float64 {
	m, _ := metricNamed(s.Metric)
	if m.kind == kindTime {
		if v := in.merged(side, s.Operation, m.at); v > 0 {
			return float64(v)
		}
		return math.NaN()
	}
	total := tally(pairs, side)[s.Operation]
	if s.Metric == "achieved" {
		if total.offered <= 0 {
			return math.NaN()
		}
		return total.achieved / total.offered
	}
	c := total.counts
	if c.Arrivals == 0 {
		return math.NaN()
	}
	switch s.Metric {
	case "error_ratio":
		return float64(c.Errors()+c.Invalid) / float64(c.Arrivals)
	case "invalid":
		return float64(c.Invalid)
	case "rejected":
		return float64(c.Rejected)
	case "timeout":
		return float64(c.Timeout)
	}
	return float64(c.Unreachable)
}
