package cli

import (
	"slices"

	"oauthbench/bench"
	"oauthbench/bench/verdict"
	"oauthbench/internal/plan"
)

// compared are the quantiles that are compared trial by trial; headlines those of the
// merged histograms, which SLOs may name. 1 is the maximum.
var (
	compared  = []float64{0.5, 0.95, 0.99}
	headlines = []float64{0.5, 0.9, 0.95, 0.99, 0.999, 1}
)

// judge decides on a stored run by the plan that it was made with.
func judge(run *bench.Run, p plan.Plan) (verdict.Verdict, error) {
	in := input(run, p)
	if _, compared := run.Deployments[bench.Baseline]; !compared {
		return verdict.JudgeAlone(in), nil
	}
	v, err := verdict.Judge(in)
	if run.End != nil && (v.Decision == verdict.Inconclusive || v.Decision == verdict.Invalid) {
		v.Reasons = slices.Concat(run.End.Stopped, v.Reasons)
	}
	return v, err
}

// input is what the verdict needs of a run.
func input(run *bench.Run, p plan.Plan) verdict.Input {
	pairs, loose := paired(run)
	return verdict.Input{
		Profile:     p.Design().Judge,
		Gates:       p.Gates,
		Margins:     p.Margins,
		LeastMargin: p.LeastMargin,
		SLOs:        p.SLOs,
		Pairs:       pairs,
		Loose:       loose,
		Merged:      merged(run),
		Interrupted: !run.Complete(),
	}
}

// paired puts together the two trials of each pair, in the order of measurement.
// Warm-ups and trials whose partner is missing are loose.
func paired(run *bench.Run) (pairs []verdict.Pair, loose []verdict.Loose) {
	type key struct{ part, pair, again int }
	first := map[key]bench.Trial{}
	for _, t := range run.Trials {
		k := key{t.Part, t.Pair, t.Again}
		other, found := first[k]
		switch {
		case t.Warmup:
			loose = append(loose, verdict.Loose{Side: verdict.Side(t.Role), Trial: observed(t)})
		case !found:
			first[k] = t
		default:
			delete(first, k)
			p := verdict.Pair{Epoch: t.Epoch, Block: t.Block, CandidateFirst: other.Role == bench.Candidate}
			if p.CandidateFirst {
				p.Candidate, p.Baseline = observed(other), observed(t)
			} else {
				p.Baseline, p.Candidate = observed(other), observed(t)
			}
			pairs = append(pairs, p)
		}
	}
	for _, t := range run.Trials {
		if _, alone := first[key{t.Part, t.Pair, t.Again}]; alone && !t.Warmup {
			loose = append(loose, verdict.Loose{Side: verdict.Side(t.Role), Trial: observed(t)})
		}
	}
	return pairs, loose
}

func observed(t bench.Trial) verdict.Trial {
	o := verdict.Trial{Disturbed: t.Excluded, Unverified: t.Unverified}
	for _, m := range t.Measurements {
		o.Operations = append(o.Operations, observation(m))
	}
	return o
}

func observation(m bench.Measurement) verdict.Observation {
	o := verdict.Observation{
		Operation: m.Operation, Offered: m.Offered, Achieved: m.Achieved,
		Quantiles: quantiles(m.Response, compared),
		Counts:    counts(m.Outcomes),
	}
	if m.Outcomes.Invalid > 0 {
		for name := range m.Cases {
			o.Wrong = append(o.Wrong, name)
		}
		slices.Sort(o.Wrong)
	}
	return o
}

func counts(o bench.Outcomes) verdict.Counts {
	return verdict.Counts{
		Arrivals: int(o.Total()), OK: int(o.OK), Rejected: int(o.Rejected),
		Invalid: int(o.Invalid), Timeout: int(o.Timeout), Unreachable: int(o.Unreachable),
	}
}

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

func merged(run *bench.Run) []verdict.Merged {
	var out []verdict.Merged
	for _, role := range []bench.Role{bench.Baseline, bench.Candidate} {
		for _, operation := range run.Operations() {
			if q := quantiles(run.Merged(role, operation).Response, headlines); q != nil {
				out = append(out, verdict.Merged{Side: verdict.Side(role), Operation: operation, Quantiles: q})
			}
		}
	}
	return out
}
