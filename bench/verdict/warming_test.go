package verdict

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// warmingRun is a full run whose sides are slower at first by a factor, which fades over
// the first so many epochs.
func warmingRun(seed uint64, baseline, candidate, epochs float64) Input {
	in := Input{Design: Design{Profile: CI(), Gates: []Gate{{"token", .95}}}}
	in.Pairs = quiet95.epochs(rand.New(rand.NewPCG(seed, 5)), 15, .95, 1)
	for i := range in.Pairs {
		fade := math.Max(0, 1-float64(in.Pairs[i].Epoch)/epochs)
		in.Pairs[i].Baseline = in.Pairs[i].Baseline.slower(math.Pow(baseline, fade))
		in.Pairs[i].Candidate = in.Pairs[i].Candidate.slower(math.Pow(candidate, fade))
	}
	return in
}

// A version that becomes faster during the run beside the other decides nothing; what
// both do is a footnote, and a steady one is called warming in no run of a hundred.
func TestWarmingUpDecidesNothing(t *testing.T) {
	for seed := range uint64(100) {
		for _, c := range []struct {
			what                string
			baseline, candidate float64
			want                Decision
			text                string
		}{
			{"the candidate warms up", 1, 1.6, Inconclusive, "the candidate was still warming up"},
			{"the baseline warms up", 1.6, 1, Inconclusive, "the baseline was still warming up"},
			{"both warm up", 1.6, 1.6, Pass, ""},
			{"both are steady", 1, 1, Pass, ""},
		} {
			v, err := Judge(warmingRun(seed, c.baseline, c.candidate, 12))
			if err != nil {
				t.Fatal(err)
			}
			if v.Decision != c.want || !strings.Contains(strings.Join(v.Reasons, "\n"), c.text) {
				t.Errorf("%s, seed %d: %s, %q; want %s, %q", c.what, seed, v.Decision, v.Reasons, c.want, c.text)
			}
			if both := strings.Contains(strings.Join(v.Warnings, "\n"),
				"both versions became faster"); both != (c.what == "both warm up") {
				t.Errorf("%s, seed %d: warnings %q", c.what, seed, v.Warnings)
			}
		}
	}
}

// What a short run shows of its own: a trend of both versions is a footnote, and trials at
// the start that are all far slower than those after them are no ground for a verdict.
func TestShortRunsSeeTrendsAndColdStarts(t *testing.T) {
	const trials = 12
	for _, c := range []struct {
		what                string
		baseline, candidate func(k int) float64 // factor of the k-th trial
		want                Decision
		reason, warning     string
	}{
		{"steady", constant(1), constant(1), Pass, "", ""},
		{"both grow slower", rising, rising, Pass, "", "both versions became slower during the run"},
		{"one grows slower alone", constant(1), rising, Regression, "", ""},
		{"the candidate begins cold", constant(1), cold(3, 4), Inconclusive,
			"the candidate was still warming up: its first 3 of 12 trials", ""},
		{"the baseline begins cold", cold(3, 4), constant(1), Inconclusive,
			"the baseline was still warming up: its first 3 of 12 trials", ""},
		{"both begin cold", cold(3, 4), cold(3, 4), Pass, "", ""},
		{"one slow trial", constant(1), cold(1, 4), Pass, "", ""},
		{"cold, and slower after it", constant(1), func(k int) float64 { return 2 * cold(3, 4)(k) }, Regression,
			"token P95 is", ""},
	} {
		p := Quick()
		p.Looks = []int{trials}
		k := -1
		in := run(p, trials, func(_ int, pair *Pair) {
			k++
			pair.Baseline, pair.Candidate = pair.Baseline.slower(c.baseline(k)), pair.Candidate.slower(c.candidate(k))
		})
		v, err := Judge(in)
		if err != nil {
			t.Fatal(err)
		}
		reasons, warnings := strings.Join(v.Reasons, "\n"), strings.Join(v.Warnings, "\n")
		if v.Decision != c.want || !strings.Contains(reasons, c.reason) || !strings.Contains(warnings, c.warning) {
			t.Errorf("%s: %s, %q, warnings %q; want %s, %q, %q",
				c.what, v.Decision, reasons, warnings, c.want, c.reason, c.warning)
		}
		if c.warning == "" && strings.Contains(warnings, "during the run") {
			t.Errorf("%s: warnings %q", c.what, warnings)
		}
	}
}

func constant(factor float64) func(int) float64 { return func(int) float64 { return factor } }

func rising(k int) float64 { return 1 + .05*float64(k) }

// cold is slower by a factor in the first trials.
func cold(first int, factor float64) func(int) float64 {
	return func(k int) float64 {
		if k < first {
			return factor
		}
		return 1
	}
}

// First trials of a sentinel alone that were slow withhold no pass: in eight trials chance makes the first two the
// slowest once in 28.
func TestColdSentinelWithholdsNoPass(t *testing.T) {
	for _, c := range []struct {
		what     string
		quantile float64
		want     Decision
	}{
		{"a gate begins cold", .95, Inconclusive},
		{"a sentinel begins cold", .5, Pass},
	} {
		k := 0
		in := run(Quick(), 8, func(_ int, pair *Pair) {
			if k++; k > 2 {
				return
			}
			slow := pair.Candidate.slower(2)
			for i, q := range pair.Candidate.Operations[0].Quantiles {
				if q.At != c.quantile {
					slow.Operations[0].Quantiles[i] = q
				}
			}
			pair.Candidate = slow
		})
		v, err := Judge(in)
		if err != nil {
			t.Fatal(err)
		}
		if v.Decision != c.want {
			t.Errorf("%s: %s, %q; want %s", c.what, v.Decision, v.Reasons, c.want)
		}
	}
}
