package summary

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// noteFailures puts a footnote at each figure that stands for arrivals without a right
// answer: it is the timeout, and no time that the server took.
func noteFailures(s *Summary) {
	for k := range s.Operations {
		op := &s.Operations[k]
		for i := range op.Sides {
			var rows []*Row
			var labels []string
			for r := range op.Rows {
				if row := &op.Rows[r]; op.Sides[i].isFailure(row.Quantile, row.Values[i], longestTimeout(s)) {
					rows, labels = append(rows, row), append(labels, row.Label)
				}
			}
			if rows == nil {
				continue
			}
			o := op.Sides[i].Outcomes
			n := s.Notes.Add(fmt.Sprintf("%s %s%s: no time that the server took, for %d of %d requests had "+
				"no right answer, and each of those counts as the timeout of %s at least",
				plaintext.Line(op.Name), strings.Join(labels, ", "), s.OnThe(s.Sides[i]),
				o.Failed(), o.Total(), units.Duration(longestTimeout(s))))
			for _, row := range rows {
				row.Figures = append(row.Figures, n)
			}
		}
	}
}

// FailureNotes are the footnotes at figures that stand for failures.
func FailureNotes(s *Summary) []string {
	var notes []string
	for _, op := range s.Operations {
		for _, r := range op.Rows {
			for _, n := range r.Figures {
				if text := s.Notes[n-1]; !slices.Contains(notes, text) {
					notes = append(notes, text)
				}
			}
		}
	}
	return notes
}

// longestTimeout is that of the run's loads.
func longestTimeout(s *Summary) time.Duration {
	if len(s.Run.Loads) == 0 {
		return 0
	}
	return s.Run.Loads[0].Timeout
}

// isFailure tells whether a quantile is the time of a failed arrival, not of an answer.
func (m Measured) isFailure(quantile float64, value, timeout time.Duration) bool {
	const precision = .001 // of a histogram
	failed, total := float64(m.Outcomes.Failed()), float64(m.Outcomes.Total())
	beyond := math.Max(1, total-math.Ceil(quantile*total)+1) // arrivals from the quantile on
	return timeout > 0 && failed >= beyond && float64(value) >= float64(timeout)*(1-precision)
}
