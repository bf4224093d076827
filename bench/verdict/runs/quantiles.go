package runs

import (
	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
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
			if q := quantiles(run.Merged(role, operation).Response, bench.MergedQuantiles); q != nil {
				out = append(out, verdict.Merged{Side: verdict.Side(role), Operation: operation, Quantiles: q})
			}
		}
	}
	return out
}
