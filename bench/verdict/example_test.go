package verdict_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench/verdict"
)

// Six pairs of the quick profile, one operation, P95 per trial.
func ExampleJudge() {
	trial := func(p95 time.Duration) verdict.Trial {
		return verdict.Trial{Operations: []verdict.Observation{{
			Operation: "token",
			Quantiles: []verdict.Quantile{{At: 0.95, Value: p95}},
			Counts:    verdict.Counts{Arrivals: 200, OK: 200},
		}}}
	}
	ms := time.Millisecond
	baseline := []time.Duration{20 * ms, 21 * ms, 20 * ms, 22 * ms, 21 * ms, 20 * ms, 21 * ms, 20 * ms}
	candidate := []time.Duration{26 * ms, 28 * ms, 25 * ms, 29 * ms, 28 * ms, 27 * ms, 28 * ms, 27 * ms}

	in := verdict.Input{Design: verdict.Design{Profile: verdict.Quick()}}
	for i := range baseline {
		in.Pairs = append(in.Pairs, verdict.Pair{
			Block: i / 2, CandidateFirst: i%2 == 1, // ABBA
			Baseline: trial(baseline[i]), Candidate: trial(candidate[i]),
		})
	}
	v, err := verdict.Judge(in)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(v.Decision)
	fmt.Println(v.Reasons[0])
	for _, part := range strings.Split(v.Comparisons[0].String(), " | ") {
		fmt.Println(part)
	}
	// Output:
	// regression
	// token P95 is ×1.33 [1.29, 1.34], above the margin of ×1.25
	// token P95  ×1.33 [1.29, 1.34], +33 % [+29 %, +34 %] (90 %, 8 pairs)  margin ×1.25  REGRESSION p=0.0039
	// could detect ×1.03
	// could certify +35 %
}
