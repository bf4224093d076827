package verdict

import (
	"fmt"
	"math"
	"slices"

	"github.com/oauthbench/oauthbench/bench/stats"
)

// Family corrects verdicts on several candidates, each against the same baseline, for
// their number: whoever picks one of them is misled by any of them. What percentiles
// alone decided, a pass or a regression, stands only if its p value among all candidates,
// corrected by Holm's method, still is at most the level of its verdict; otherwise it is
// inconclusive. Wrong answers, errors and missed SLOs need no correction. A single
// verdict, or none, is returned as it is. Nothing is changed in place.
//
// Within each verdict a regression is corrected for its comparisons already, and a pass
// needs all of them; so a candidate's p value is the least of the one kind and the
// greatest of the other.
func Family(vs []Verdict) []Verdict {
	out := append([]Verdict{}, vs...)
	if len(vs) < 2 {
		return out
	}
	slow, pass := make([]float64, len(vs)), make([]float64, len(vs))
	for i, v := range vs {
		slow[i], pass[i] = 1, 0
		gates := 0
		for _, c := range v.Costs {
			if v.ByCosts && c.Decision == Regression {
				slow[i] = min(slow[i], orOne(c.PAdjusted))
			}
		}
		for _, c := range v.Comparisons {
			if c.Tested() {
				slow[i] = min(slow[i], orOne(c.PAdjusted))
			}
			if c.Gating {
				gates++
				pass[i] = max(pass[i], orOne(c.PNonInferior))
			}
		}
		if gates == 0 {
			pass[i] = 1
		}
	}
	slow, pass = stats.Holm(slow), stats.Holm(pass)
	for i := range out {
		v := &out[i]
		switch {
		case v.Decision == Regression && v.unstable():
			// A tail that explodes in some trials has no p value to correct.
		case v.Decision == Regression && (v.ByPercentiles || v.ByCosts) && slow[i] > max(v.Level, v.costs.level):
			v.withhold(len(vs), slow[i])
		case v.Decision == Pass && v.ByPercentiles && pass[i] > v.Level:
			v.withhold(len(vs), pass[i])
		}
	}
	return out
}

// unstable tells whether a comparison regressed for its tail.
func (v *Verdict) unstable() bool {
	return slices.ContainsFunc(v.Comparisons, func(c Comparison) bool { return c.Gating && c.Unstable })
}

// withhold makes the verdict inconclusive, because it may be chance among so many.
func (v *Verdict) withhold(candidates int, p float64) {
	alone := fmt.Sprintf("alone a %s; among %d candidates p=%.2g after correction for their number, where %.2g is "+
		"needed: a larger profile, or fewer candidates, can tell",
		v.Decision, candidates, p, v.Level)
	v.Decision = Inconclusive
	v.Reasons = append([]string{alone}, v.Reasons...)
}

func orOne(p float64) float64 {
	if math.IsNaN(p) {
		return 1
	}
	return p
}

// severity orders decisions from the best to the worst.
var severity = map[Decision]int{Pass: 0, Measured: 1, Inconclusive: 2, Invalid: 3, Failed: 4, Regression: 5}

// Worst is the worst of some decisions: a regression before an invalid run, before one
// that cannot tell. Of none it is "".
func Worst(ds ...Decision) Decision {
	worst := Decision("")
	for _, d := range ds {
		if worst == "" || severity[d] > severity[worst] {
			worst = d
		}
	}
	return worst
}
