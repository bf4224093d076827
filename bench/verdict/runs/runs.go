// Package runs is where a stored run meets the rule that it is judged by. It is the
// only adapter between what bench stores and what verdict decides on: Judge decides on
// a run, Apart sets a run beside a baseline that was measured at another time. With
// bench, verdict and this package anybody can judge a run file again.
//
// Nothing here is looked up in the running program: the rule is read from the run's
// header. Runs of schema 1 held only the name of a profile, whose rule is frozen in
// this package.
package runs

import (
	"fmt"
	"slices"
	"strings"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
)

// Judge decides on a stored run by the rule that it carries.
func Judge(run *bench.Run) (verdict.Verdict, error) {
	in, err := Input(run)
	if err != nil {
		return verdict.Verdict{}, err
	}
	return Decide(run, in)
}

// Decide is Judge for an Input of the run that has been made already.
func Decide(run *bench.Run, in verdict.Input) (verdict.Verdict, error) {
	if _, compared := run.Deployments[bench.Baseline]; !compared {
		return verdict.JudgeAlone(in), nil
	}
	v, err := verdict.Judge(in)
	if run.End != nil && (v.Decision == verdict.Inconclusive || v.Decision == verdict.Invalid) {
		v.Reasons = slices.Concat(run.End.Stopped, v.Reasons)
	}
	return v, err
}

// Input is what the verdict needs of a run: its rule, its pairs, its headline figures.
func Input(run *bench.Run) (verdict.Input, error) {
	design, err := Design(run.Header)
	if err != nil {
		return verdict.Input{}, err
	}
	pairs, loose := paired(run)
	return verdict.Input{
		Design: design, Pairs: pairs, Loose: loose, Merged: merged(run), Interrupted: !run.Complete(),
	}, nil
}

// paired puts together the two trials of each pair, in the order of measurement.
// Warm-ups, trials whose partner is missing, and pairs in which a server died are loose.
func paired(run *bench.Run) (pairs []verdict.Pair, loose []verdict.Loose) {
	type key struct{ part, pair, again int }
	first := map[key]bench.Trial{}
	for _, t := range run.Trials {
		k := key{t.Part, t.Pair, t.Again}
		other, found := first[k]
		switch {
		case t.Warmup:
			loose = append(loose, verdict.Loose{Side: verdict.Side(t.Role), Trial: observed(run, t), Warmup: true})
		case !found:
			first[k] = t
		default:
			delete(first, k)
			if t.Died != "" || other.Died != "" {
				for _, lost := range []bench.Trial{other, t} {
					loose = append(loose, verdict.Loose{Side: verdict.Side(lost.Role), Trial: observed(run, lost)})
				}
				continue
			}
			p := verdict.Pair{Epoch: t.Epoch, Block: t.Block, CandidateFirst: other.Role == bench.Candidate}
			if p.CandidateFirst {
				p.Candidate, p.Baseline = observed(run, other), observed(run, t)
			} else {
				p.Baseline, p.Candidate = observed(run, other), observed(run, t)
			}
			pairs = append(pairs, p)
		}
	}
	for _, t := range run.Trials {
		if _, alone := first[key{t.Part, t.Pair, t.Again}]; alone && !t.Warmup {
			loose = append(loose, verdict.Loose{Side: verdict.Side(t.Role), Trial: observed(run, t)})
		}
	}
	return pairs, loose
}

// place says which of its trials one is. A run that compares nothing has one, beside the warm-up.
func place(run *bench.Run, t bench.Trial) string {
	_, compared := run.Deployments[bench.Baseline]
	switch {
	case compared && t.Warmup:
		return fmt.Sprintf("the warm-up of epoch %d", t.Epoch+1)
	case compared:
		return fmt.Sprintf("pair %d of epoch %d", t.Pair+1, t.Epoch+1)
	case t.Warmup:
		return "the warm-up"
	}
	return "the trial"
}

// observed is a trial of a run as the verdict sees it.
func observed(run *bench.Run, t bench.Trial) verdict.Trial {
	o := verdict.Trial{
		Disturbed: t.Excluded, Unverified: t.Unverified, Costs: costs(t), CostsDisturbed: costsDisturbed(t),
	}
	where := place(run, t)
	if t.Died != "" {
		o.Died = where + ": " + t.Died
	}
	for _, f := range t.Flaws {
		o.Flaws = append(o.Flaws, verdict.Flaw{Check: f.Check, What: f.What})
	}
	for _, g := range t.Gaps {
		o.Outages = append(o.Outages, verdict.Outage{
			Where: where, At: g.At, Length: g.Length, Failed: int(g.Outcomes.Total()), Operations: g.Operations,
			Back: g.Back,
		})
	}
	for _, m := range t.Measurements {
		o.Operations = append(o.Operations, observation(m))
	}
	return o
}

func observation(m bench.Measurement) verdict.Observation {
	o := verdict.Observation{
		Operation: m.Operation, Offered: m.Offered, Achieved: m.Achieved,
		Quantiles: quantiles(m.Response, bench.ComparedQuantiles),
		Counts:    counts(m.Outcomes),
	}
	for name, times := range m.Cases {
		switch {
		case strings.HasPrefix(name, "status "):
			o.Refused = append(o.Refused, name)
		case m.Outcomes.Invalid > 0:
			if o.Wrong == nil {
				o.Wrong = map[string]int{}
			}
			o.Wrong[name] = int(times)
		}
	}
	slices.Sort(o.Refused)
	return o
}

func counts(o bench.Outcomes) verdict.Counts {
	return verdict.Counts{
		Arrivals: int(o.Total()), OK: int(o.OK), Rejected: int(o.Rejected),
		Invalid: int(o.Invalid), Timeout: int(o.Timeout), Unreachable: int(o.Unreachable),
	}
}
