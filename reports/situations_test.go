package reports

import (
	"fmt"
	"math"
	"oauthbench/bench"
	"oauthbench/bench/verdict"
	"time"
)

// situations are reports by name: what a run may look like when it reaches this package.
func situations() map[string]Report {
	usualOne := usualReport()

	interrupted := usualReport()
	interrupted.Run.Trials = interrupted.Run.Trials[:5]
	interrupted.Run.End = &bench.End{Interrupted: "stopped by the user"}
	interrupted.Verdict = judged(interrupted.Run)
	interrupted.Verdict.Decision = verdict.Inconclusive
	interrupted.Verdict.Reasons = []string{"interrupted after 2 of 6 pairs: nothing is decided from a part of the plan"}

	single := usualReport()
	delete(single.Run.Deployments, bench.Baseline)
	var ts []bench.Trial
	for _, x := range single.Run.Trials {
		if x.Role == bench.Candidate {
			ts = append(ts, x)
		}
	}
	single.Run.Trials, single.Run.Slots = ts[:1], 1
	single.Verdict = verdict.Verdict{Decision: verdict.Pass, Reasons: []string{"no answer was wrong"}}

	contradictory := usualReport()
	contradictory.Run.Trials[0].Measurements[0].Outcomes.OK += 5

	invalid := usualReport()
	for i := range invalid.Run.Trials {
		invalid.Run.Trials[i].Excluded = []string{"other programs used 55 % of the machine (limit 10 %)"}
	}
	invalid.Verdict = verdict.Verdict{Decision: verdict.Invalid, Reasons: []string{"6 of 6 pairs were disturbed from outside; at most a quarter may be"}}

	empty := usualReport()
	empty.Run.Trials, empty.Run.End = nil, nil
	empty.Verdict = verdict.Verdict{}

	unjudged := usualReport()
	unjudged.Verdict = verdict.Verdict{}

	return map[string]Report{
		"unjudged": unjudged,
		"usual":    usualOne, "interrupted": interrupted, "single": single,
		"contradictory": contradictory, "invalid": invalid, "empty": empty,
	}
}

// hostile puts markup and control characters wherever a server or a plan can.
func hostile() Report {
	const evil = "<script>alert(1)</script>\"'`|@everyone\x1b[2J\u202e](http://evil.example)"
	r := usualReport()
	for role, d := range r.Run.Deployments {
		d.Name, d.Server, d.Version = evil+string(role), evil, evil
		d.Settings = map[string]string{evil: evil + string(role)}
		r.Run.Deployments[role] = d
	}
	r.Run.Tool, r.Run.Command, r.Run.Warnings = evil, []string{"oauthbench", evil}, []string{evil}
	r.Run.Environment.CPU = evil
	r.Run.Loads[0].Streams[0].Scenario = evil
	for i := range r.Run.Trials {
		r.Run.Trials[i].Warnings = []string{evil}
		m := &r.Run.Trials[i].Measurements[0]
		m.Operation = evil
		fail(m, bench.Rejected, 1, evil)
	}
	for i := range r.Verdict.Comparisons {
		r.Verdict.Comparisons[i].Warnings = []string{evil}
		if r.Verdict.Comparisons[i].Operation == "introspect" {
			r.Verdict.Comparisons[i].Operation = evil
		}
	}
	r.Verdict.Reasons = []string{evil}
	return r
}

// large is a full profile with many operations: the sizes that reports must bear.
func large() Report {
	f := fixture{pairs: 60, epochs: 15, rate: 30, length: 4 * time.Second}
	for i := range 6 {
		f.operations = append(f.operations, fmt.Sprintf("operation%02d", i))
	}
	run := f.run()
	for i := range run.Trials {
		run.Trials[i].Warnings = []string{fmt.Sprintf("send lag P99 %d µs; response times contain it", 1000+i)}
	}
	return report(run)
}

// degenerate are runs that no well-behaved program would store.
func degenerate() map[string]Report {
	zero := Report{Run: &bench.Run{}}

	noMeasurement := usualReport()
	for i := range noMeasurement.Run.Trials {
		noMeasurement.Run.Trials[i].Measurements = nil
	}
	noMeasurement.Verdict.Comparisons = nil

	noUsage := usualReport()
	for i := range noUsage.Run.Trials {
		t := &noUsage.Run.Trials[i]
		t.Server, t.Generator, t.Machine, t.Elapsed, t.Load = bench.Usage{}, bench.Usage{}, bench.Interference{}, 0, bench.Load{}
	}
	noUsage.Run.Pilots, noUsage.Run.Environment, noUsage.Run.Command = nil, bench.Environment{}, nil

	undecidable := usualReport()
	nan, inf := math.NaN(), math.Inf(1)
	for i := range undecidable.Verdict.Comparisons {
		c := &undecidable.Verdict.Comparisons[i]
		c.Ratio, c.Decision = verdict.Interval{Estimate: nan, Low: 0, High: inf}, verdict.Inconclusive
		c.PSlow, c.PAdjusted, c.PNonInferior, c.MDE80, c.Certifiable = nan, nan, nan, nan, nan
		if i%2 == 0 {
			c.Ratio.Estimate = 1.02
		}
	}
	undecidable.Verdict.Controls = []verdict.Control{{Operation: "token", Quantile: .95, Ratio: verdict.Interval{Estimate: nan, High: inf}, P: 1}}

	one := fixture{operations: []string{"token"}, pairs: 2, epochs: 1, rate: 1, length: time.Second}.run()
	for i := range one.Trials { // one request, within the lead-in: nothing recorded
		one.Trials[i].Load.LeadIn = time.Second
	}

	single := usual
	single.rate = 2
	few := single.run()

	return map[string]Report{
		"zero": zero, "no measurement": noMeasurement, "no usage": noUsage, "undecidable": undecidable,
		"nothing recorded": {Run: one}, "few requests": {Run: few, Verdict: judged(few)}, "hostile": hostile(),
		"nil histograms": nilHistograms(),
	}
}

func nilHistograms() Report {
	r := usualReport()
	r.Run.Trials[0].Measurements[0].Response = nil
	r.Run.Trials[1].Measurements[0].SendLag = nil
	r.Run.Trials[2].Measurements[0].Service = nil
	return r
}

// usualReleases are two candidates beside the same baseline, and a release measured alone.
func usualReleases() Releases {
	second := usualReport()
	d := second.Run.Deployments[bench.Candidate]
	d.Name, d.Version = "embedded:v2?tokens=jwt", "v2"
	second.Run.Deployments[bench.Candidate] = d
	second.Run.Started = second.Run.Started.Add(10 * time.Minute)
	for i := range second.Verdict.Comparisons {
		c := &second.Verdict.Comparisons[i]
		c.Decision, c.Ratio = verdict.Pass, verdict.Interval{Estimate: .9, Low: .85, High: .97}
	}
	second.Verdict.Decision, second.Verdict.Reasons = verdict.Pass, []string{"every gating comparison is within its margin"}
	alone := situations()["single"]
	return NewReleases([]Release{{"results/1", usualReport()}, {"results/2", second}, {"results/old", alone}},
		[]string{"tokens (opaque, now jwt)"}, nil)
}

// decidedReport is usualReport with the digests and versions of images, as a
// comparison in containers has.
func decidedReport() Report {
	r := usualReport()
	for role, d := range r.Run.Deployments {
		d.Digest = "sha256:" + map[string]string{
			"v1": "9f2b6d1c0e5a4b7788c1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f60718293a4b5c6d",
			"v2": "41c07be98d2f6a5530b1e4f2a9c8d7b6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a1b0",
		}[d.Version]
		r.Run.Deployments[role] = d
	}
	return r
}

// withExpectations is usualReport with a matrix: the candidate calls two revoked tokens
// active and was never asked of an expired one.
func withExpectations() Report {
	r := usualReport()
	revoked := bench.Expectation{Operation: "introspect", Kind: "access token", State: "revoked", Expected: "active: false", Source: "RFC 7662 section 2.2"}
	expired := revoked
	expired.State = "expired <b>"
	for i := range r.Run.Trials {
		t := &r.Run.Trials[i]
		m := t.Measurement("introspect")
		e := bench.Expected{Expectation: revoked, Outcomes: bench.Outcomes{OK: 100}}
		lag := bench.NewHistogram()
		lag.Record(3 * time.Millisecond)
		t.Lags, t.Facts = map[string]*bench.Histogram{"revocation": lag}, map[string]int64{"tokens_watched": 7, "refresh_retries": 80, "refresh_chains_killed": 3}
		if t.Role == bench.Candidate {
			e.Outcomes = bench.Outcomes{OK: 98, Invalid: 2}
		} else {
			m.Expectations = append(m.Expectations, bench.Expected{Expectation: expired, Outcomes: bench.Outcomes{OK: 5}})
		}
		m.Expectations = append(m.Expectations, e)
	}
	return r
}
