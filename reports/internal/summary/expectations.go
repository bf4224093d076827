package summary

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"oauthbench/bench"
	"oauthbench/bench/verdict"
)

// expectation is one case of the matrix: what was asked of what, which answers are
// right, and how each version answered.
type expectation struct {
	bench.Expectation
	Sides []expectedSide // as in summary.sides
}

// expectedSide is how one version answered a case.
type expectedSide struct {
	Words string // "1,204 of 1,204", none when it was never asked
	Wrong string // what else came, "" when all was right
}

// expectations is the matrix over the trials that count, by operation and in the order
// in which cases were first asked for; nil for runs without one.
func (s *summary) expectations() []expectation {
	var matrix []expectation
	for _, op := range s.operations {
		for i, m := range op.sides {
			for _, e := range m.Expectations {
				k := slices.IndexFunc(matrix, func(x expectation) bool { return x.Expectation == e.Expectation })
				if k < 0 {
					k = len(matrix)
					matrix = append(matrix, expectation{e.Expectation, slices.Repeat([]expectedSide{{Words: none}}, len(op.sides))})
				}
				matrix[k].Sides[i] = expectedSide{Words: count(e.Outcomes.OK) + " of " + count(e.Outcomes.Total()), Wrong: notOK(e.Outcomes)}
			}
		}
	}
	for i := range matrix {
		e := &matrix[i].Expectation
		e.Operation, e.Kind, e.State, e.Expected, e.Source = plain(e.Operation), plain(e.Kind), plain(e.State), plain(e.Expected), plain(e.Source)
	}
	return matrix
}

// notOK counts what did not end in OK: "3 rejected, 1 invalid".
func notOK(o bench.Outcomes) string {
	var parts []string
	for _, c := range outcomes(o) {
		if c.Outcome != bench.OK && c.N > 0 {
			parts = append(parts, count(c.N)+" "+c.Outcome.String())
		}
	}
	return strings.Join(parts, ", ")
}

// The facts of scenario refresh-retry, of which people want to see the share.
const (
	retried = "refresh_retries"
	killed  = "refresh_chains_killed"
)

// observations lists facts and lags of the trials that count, by name.
func (s *summary) observations() []tableRow {
	sums := make([]bench.Observation, len(s.sides))
	facts, lags := map[string]bool{}, map[string]bool{}
	for i, x := range s.sides {
		for _, t := range x.valid {
			sums[i].Merge(bench.Observation{Facts: t.Facts, Lags: t.Lags})
		}
		for name := range sums[i].Facts {
			facts[name] = true
		}
		for name := range sums[i].Lags {
			lags[name] = true
		}
	}
	var all []tableRow
	for _, name := range slices.Sorted(maps.Keys(facts)) {
		o := tableRow{Name: words(name)}
		for _, sum := range sums {
			o.Values = append(o.Values, count(sum.Facts[name]))
		}
		all = append(all, o)
	}
	if facts[killed] {
		o := tableRow{Name: words(killed) + " per 1,000"}
		for _, sum := range sums {
			value := none
			if n := sum.Facts[retried]; n > 0 {
				value = fmt.Sprintf("%.1f", 1000*float64(sum.Facts[killed])/float64(n))
			}
			o.Values = append(o.Values, value)
		}
		all = append(all, o)
	}
	for _, name := range slices.Sorted(maps.Keys(lags)) {
		for _, q := range []float64{.5, .99, 1} {
			label := verdict.Percentile(q)
			if q == 1 {
				label = "longest"
			}
			o := tableRow{Name: words(name) + " lag, " + label}
			for _, sum := range sums {
				value := none
				if h := sum.Lags[name]; h != nil && h.Count() > 0 {
					value = duration(h.Quantile(q))
				}
				o.Values = append(o.Values, value)
			}
			all = append(all, o)
		}
	}
	return all
}

// words makes a name of the run file readable.
func words(name string) string { return strings.ReplaceAll(plain(name), "_", " ") }
