package cli

import (
	"slices"

	"oauthbench/bench"
	"oauthbench/bench/verdict"
	"oauthbench/internal/plan"
)

// headlines are the quantiles that reports show; 1 is the maximum.
var headlines = []float64{0.5, 0.9, 0.95, 0.99, 0.999, 1}

// judge decides on a stored run by the plan that it was made with.
func judge(run *bench.Run, p plan.Plan) (verdict.Verdict, error) {
	return verdict.Judge(input(run, p))
}

// input is what the verdict needs of a run.
func input(run *bench.Run, p plan.Plan) verdict.Input {
	return verdict.Input{
		Profile:     plan.FindProfile(p.Profile).Judge,
		Margins:     p.Margins,
		SLOs:        p.SLOs,
		Pairs:       pairs(run),
		Merged:      merged(run),
		Interrupted: !run.Complete(),
	}
}

// pairs puts together the two trials of each pair, in the order of measurement. A
// trial whose partner is missing is left out.
func pairs(run *bench.Run) []verdict.Pair {
	type key struct{ part, pair, again int }
	first := map[key]bench.Trial{}
	var out []verdict.Pair
	for _, t := range run.Trials {
		if t.Warmup {
			continue
		}
		k := key{t.Part, t.Pair, t.Again}
		other, ok := first[k]
		if !ok {
			first[k] = t
			continue
		}
		p := verdict.Pair{Epoch: t.Epoch, Block: t.Block, CandidateFirst: other.Role == bench.Candidate}
		if p.CandidateFirst {
			p.Candidate, p.Baseline = observed(other), observed(t)
		} else {
			p.Baseline, p.Candidate = observed(other), observed(t)
		}
		out = append(out, p)
	}
	return out
}

func observed(t bench.Trial) verdict.Trial {
	o := verdict.Trial{Disturbed: t.Excluded}
	for _, m := range t.Measurements {
		o.Operations = append(o.Operations, observation(m))
	}
	return o
}

func observation(m bench.Measurement) verdict.Observation {
	o := verdict.Observation{
		Operation: m.Operation, Offered: m.Offered, Achieved: m.Achieved,
		Quantiles: quantiles(m.Response),
		Counts: verdict.Counts{
			Arrivals: int(m.Outcomes.Total()), OK: int(m.Outcomes.OK), Rejected: int(m.Outcomes.Rejected),
			Invalid: int(m.Outcomes.Invalid), Timeout: int(m.Outcomes.Timeout), Unreachable: int(m.Outcomes.Unreachable),
		},
	}
	if m.Outcomes.Invalid > 0 {
		for name := range m.Cases {
			o.Wrong = append(o.Wrong, name)
		}
		slices.Sort(o.Wrong)
	}
	return o
}

// quantiles are the headlines of a histogram; none when it is empty.
func quantiles(h *bench.Histogram) []verdict.Quantile {
	if h.Count() == 0 {
		return nil
	}
	var out []verdict.Quantile
	for i, d := range h.Quantiles(headlines...) {
		out = append(out, verdict.Quantile{At: headlines[i], Value: max(d, 1)})
	}
	return out
}

func merged(run *bench.Run) []verdict.Merged {
	var out []verdict.Merged
	for _, role := range []bench.Role{bench.Baseline, bench.Candidate} {
		for _, operation := range run.Operations() {
			if q := quantiles(run.Merged(role, operation).Response); q != nil {
				out = append(out, verdict.Merged{Side: verdict.Side(role), Operation: operation, Quantiles: q})
			}
		}
	}
	return out
}
