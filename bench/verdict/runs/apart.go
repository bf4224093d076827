package runs

import (
	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
)

// Apart sets one role of a run beside a baseline that was measured at another time. The
// rule is the run's.
func Apart(b *bench.StoredBaseline, run *bench.Run, role bench.Role) (verdict.Apart, error) {
	design, err := Design(run.Header)
	if err != nil {
		return verdict.Apart{}, err
	}
	in := verdict.Apart{Design: design, Interrupted: !run.Complete()}
	var then, now cost
	for _, t := range b.Trials {
		var kept verdict.Trial
		for _, o := range t.Operations {
			one := verdict.Observation{
				Operation: o.Operation, Offered: o.Offered, Achieved: o.Achieved, Counts: counts(o.Outcomes),
			}
			for i, d := range o.Times() {
				one.Quantiles = append(one.Quantiles, verdict.Quantile{At: bench.ComparedQuantiles[i], Value: d})
			}
			kept.Operations = append(kept.Operations, one)
		}
		in.Baseline = append(in.Baseline, verdict.Single{Epoch: t.Epoch, Trial: kept})
		then.add(t.GeneratorCPU.Seconds(), t.Sent)
	}
	for _, t := range run.Trials {
		switch {
		case t.Role != role:
		case t.Warmup:
			in.Loose = append(in.Loose, verdict.Loose{Side: verdict.Candidate, Trial: observed(run, t)})
		default:
			in.Candidate = append(in.Candidate, verdict.Single{Epoch: t.Epoch, Trial: observed(run, t)})
			now.add(t.Generator.CPU.Seconds(), t.Sent)
		}
	}
	if then.known() && now.known() {
		in.Machine = now.each() / then.each()
	}
	for _, m := range b.Merged {
		in.Merged = append(in.Merged, verdict.Merged{Side: verdict.Baseline, Operation: m.Operation,
			Quantiles: quantiles(m.Response, bench.MergedQuantiles)})
	}
	for _, m := range merged(run) {
		if m.Side == verdict.Side(role) {
			m.Side = verdict.Candidate
			in.Merged = append(in.Merged, m)
		}
	}
	return in, nil
}

// cost is what requests cost the generator: the same program doing the same work, so
// that a change of it is a change of the machine.
type cost struct {
	cpuSeconds float64
	requests   float64
}

func (c *cost) add(cpuSeconds float64, requests int64) {
	c.cpuSeconds, c.requests = c.cpuSeconds+cpuSeconds, c.requests+float64(requests)
}

func (c cost) known() bool { return c.cpuSeconds > 0 && c.requests > 0 }

// each is the CPU-seconds of one request.
func (c cost) each() float64 { return c.cpuSeconds / c.requests }
