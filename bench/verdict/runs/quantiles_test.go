package runs

import (
	"slices"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
)

// An SLO can limit exactly the quantiles that merged histograms are asked for: a limit on
// another would never have a figure.
func TestLimitsAreOnMergedQuantiles(t *testing.T) {
	var limited []float64
	for _, m := range verdict.Metrics {
		if q, ofTime := (verdict.SLO{Metric: m.Name}).Quantile(); ofTime {
			limited = append(limited, q)
		}
	}
	if !slices.Equal(limited, bench.MergedQuantiles) {
		t.Errorf("SLOs can limit the quantiles %v, merged histograms have %v", limited, bench.MergedQuantiles)
	}
}

// Both sides of the adapter call the load before the first trial the same.
func TestBeforeTrialsHasOneName(t *testing.T) {
	if bench.BeforeTrials != verdict.BeforeTrials {
		t.Errorf("%q is stored, and %q is looked for", bench.BeforeTrials, verdict.BeforeTrials)
	}
}
