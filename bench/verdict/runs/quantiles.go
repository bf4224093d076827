package runs

import (
	"oauthbench/bench"
	"oauthbench/bench/verdict"
)

// Compared are the quantiles that are compared trial by trial, Headlines those of the
// merged histograms, which SLOs may name. 1 is the maximum. Nothing else in the program
// decides which quantiles there are.
var (
	Compared  = []float64{0.5, 0.95, 0.99}
	Headlines = []float64{0.5, 0.9, 0.95, 0.99, 0.999, 1}
)

// quantiles of a histogram; none when it is empty.
func quantiles(h *bench.Histogram, at []float64) []verdict.Quantile {
	if h.Count() == 0 {
		return nil
	}
	var out []verdict.Quantile
	for i, d := range h.Quantiles(at...) {
		out = append(out, verdict.Quantile{At: at[i], Value: max(d, 1)})
	}
	return out
}

// merged has the headline quantiles of each side's operations.
func merged(run *bench.Run) []verdict.Merged {
	var out []verdict.Merged
	for _, role := range []bench.Role{bench.Baseline, bench.Candidate} {
		for _, operation := range run.Operations() {
			if q := quantiles(run.Merged(role, operation).Response, Headlines); q != nil {
				out = append(out, verdict.Merged{Side: verdict.Side(role), Operation: operation, Quantiles: q})
			}
		}
	}
	return out
}
