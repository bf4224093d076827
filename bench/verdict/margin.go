package verdict

import (
	"fmt"
	"math"
	"slices"

	"oauthbench/bench/stats"
)

// Margin is the slowdown that does not matter: 0.10 accepts a candidate up to
// 10 % slower. An empty Operation means every operation, Quantile 0 every
// quantile; Margin{Fraction: 0.2} is an overall override.
type Margin struct {
	Operation string  `json:"operation,omitempty"`
	Quantile  float64 `json:"quantile,omitempty"`
	// Fraction of the baseline's response time, above 0.
	Fraction float64 `json:"fraction"`
}

// margin returns the fraction that one comparison tolerates: that of its entry, or
// what LeastMargin is of the baseline, whichever is more. baseline are logarithms of
// the quantile in ns, of which the median counts; without any there is no least.
func (d Design) margin(operation string, quantile float64, baseline []float64) float64 {
	fraction := d.Fraction(operation, quantile)
	if d.LeastMargin == 0 || len(baseline) == 0 {
		return fraction
	}
	median := stats.Median(slices.Sorted(slices.Values(baseline)))
	return max(fraction, float64(d.LeastMargin)/math.Exp(median))
}

// leastMarginApplies says why a margin is wider than what was asked for.
func (d Design) leastMarginApplies(c Comparison) []string {
	if c.Margin <= d.Fraction(c.Operation, c.Quantile) {
		return nil
	}
	return []string{fmt.Sprintf("%s: the margin is %.0f %%, for a slowdown by less than %v never matters (least-margin)", c.Name(), 100*c.Margin, d.LeastMargin)}
}

// Fraction is the margin that was asked for, before LeastMargin: an entry for operation and
// quantile wins over one for the operation, that over one for the quantile,
// that over the overall one; of equally specific entries the last. The defaults
// are the profile's, and without any they widen with the quantile because its noise
// does: 5 % up to P50, 10 % up to P95, 15 % beyond.
func (d Design) Fraction(operation string, quantile float64) float64 {
	fraction, rank := 0.15, -1
	switch {
	case rounded(quantile) <= 0.5:
		fraction = 0.05
	case rounded(quantile) <= 0.95:
		fraction = 0.10
	}
	for _, m := range d.Profile.Margins {
		if rounded(m.Quantile) == rounded(quantile) {
			fraction = m.Fraction
		}
	}
	for _, m := range d.Margins {
		specific := 0
		if m.Operation != "" {
			specific += 2
		}
		if m.Quantile != 0 {
			specific++
		}
		applies := (m.Operation == "" || m.Operation == operation) && (m.Quantile == 0 || rounded(m.Quantile) == rounded(quantile))
		if applies && specific >= rank {
			fraction, rank = m.Fraction, specific
		}
	}
	return fraction
}
