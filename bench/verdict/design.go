package verdict

import "time"

// Design is the rule that a run is judged by: one value, fixed before the first
// trial and stored with the run, so that it is judged the same whatever later
// versions of a profile say.
type Design struct {
	Profile Profile `json:"profile"`
	// Gates lists the comparisons that decide. Empty means every operation at
	// every quantile for which the profile has a floor and the trials are long
	// enough. A comparison that is observed and not listed is advisory.
	Gates []Gate `json:"gates,omitempty"`
	// Sentinels lists comparisons that can convict and never withhold a pass. Empty
	// means, where no gates are listed either, all that Profile.Watched has.
	Sentinels []Gate `json:"sentinels,omitempty"`
	// Margins override the default margins, the most specific entry first. See
	// Margin.
	Margins []Margin `json:"margins,omitempty"`
	// LeastMargin is the slowdown that never matters, whatever fraction of the
	// baseline it is: no margin is narrower. 0 for none.
	LeastMargin time.Duration `json:"least_margin_ns,omitempty"`
	SLOs        []SLO         `json:"slos,omitempty"`
	// MostErrors is the share of an operation's arrivals that may stay without a right
	// answer, in [0, 1]; 0 is no limit. An SLO on error_ratio of the operation stands
	// instead of it.
	MostErrors float64 `json:"most_errors,omitempty"`
}

// Resolved is the design with every margin written out that the operations have
// at the quantiles: a default that changes later does not change it.
func (d Design) Resolved(operations []string, quantiles []float64) Design {
	var margins []Margin
	for _, operation := range operations {
		for _, q := range quantiles {
			margins = append(margins, Margin{Operation: operation, Quantile: q, Fraction: d.Fraction(operation, q)})
		}
	}
	// What was given stands first, for what is not listed here; the most specific wins.
	d.Margins = append(append([]Margin{}, d.Margins...), margins...)
	if len(d.Profile.Levels) == 0 {
		d.Profile.Levels = d.Profile.levels()
	}
	return d
}
