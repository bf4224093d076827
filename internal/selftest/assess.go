// Package selftest says what a run of equal versions tells about the machine that it was
// made on: how much it scatters, and what each profile could notice there.
package selftest

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/bench/verdict/runs"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/reports"
	"github.com/oauthbench/oauthbench/scenarios"
)

// Assess says what a run of equal versions tells about the machine. overhead is what
// preparing and verifying cost per arrival.
func Assess(run *bench.Run, overhead time.Duration) (reports.Selftest, error) {
	var p plan.Plan
	if err := json.Unmarshal(run.Plan, &p); err != nil {
		return reports.Selftest{}, fmt.Errorf("the stored plan cannot be read: %w", err)
	}
	in, err := runs.Input(run)
	if err != nil {
		return reports.Selftest{}, err
	}
	v, err := runs.Decide(run, in)
	if err != nil {
		return reports.Selftest{}, fmt.Errorf("judge: %w", err)
	}
	s := reports.Selftest{
		Target: p.Candidate, Environment: run.Environment, Trial: run.Loads[0].Length,
		Pairs: v.Pairs - v.Excluded, Disturbed: v.Excluded, Decision: v.Decision, Noise: verdict.MeasureNoise(in),
	}
	s.Foreign, s.Steal, s.Watched = interference(run)
	for _, operation := range run.Operations() {
		for _, role := range []bench.Role{bench.Baseline, bench.Candidate} {
			s.SendLag = max(s.SendLag, run.Merged(role, operation).SendLag.Quantile(.99))
		}
	}
	switch v.Decision {
	case verdict.Regression:
		s.Against = append(s.Against, "equal versions were called different: "+v.Reasons[0])
	case verdict.Invalid, verdict.Failed:
		s.Against = append(s.Against, v.Reasons...)
	}
	for _, profile := range plan.Profiles {
		s.Profiles = append(s.Profiles, ofProfile(profile, p, run.Loads, overhead, s.Noise))
	}
	return s, nil
}

// ofProfile says what a profile could do with this noise at these rates.
func ofProfile(profile plan.Profile, p plan.Plan, loads []bench.Load, overhead time.Duration,
	noise []verdict.Noise) reports.SelftestProfile {
	out := reports.SelftestProfile{Name: profile.Name, Detectable: make([]float64, len(noise))}
	size, err := profile.Fit(loads, overhead, 0, 0)
	if err != nil {
		out.Against = append(out.Against, err.Error())
		return out
	}
	for _, g := range profile.Gates(scenarios.Operations(p.Scenarios), size.Quantiles) {
		found := false
		for i, n := range noise {
			if n.Operation != g.Operation || n.Quantile != g.Quantile {
				continue
			}
			found = true
			for _, floor := range profile.Rule.Floors {
				if floor.Quantile == g.Quantile {
					n = n.With(floor.Requests)
				}
			}
			out.Detectable[i] = n.Detectable(profile.Rule)
			if !n.Suffices(profile.Rule) {
				out.Against = append(out.Against,
					fmt.Sprintf("%s %s would notice %+.0f %%, twice the margin is %.3g %%",
						n.Operation, verdict.Percentile(n.Quantile), 100*out.Detectable[i], 200*n.Margin))
			}
		}
		if !found {
			out.Against = append(out.Against,
				fmt.Sprintf("%s %s was not measured", g.Operation, verdict.Percentile(g.Quantile)))
		}
	}
	return out
}

// interference is what others took from the machine during the trials, disturbed ones
// included.
func interference(run *bench.Run) (foreign, steal reports.Share, trials int) {
	for _, t := range run.Trials {
		if t.Warmup || !t.Machine.Known {
			continue
		}
		trials++
		foreign.Mean, foreign.Max = foreign.Mean+t.Machine.Foreign, max(foreign.Max, t.Machine.Foreign)
		steal.Mean, steal.Max = steal.Mean+t.Machine.Steal, max(steal.Max, t.Machine.Steal)
	}
	foreign.Mean /= float64(max(trials, 1))
	steal.Mean /= float64(max(trials, 1))
	return foreign, steal, trials
}
