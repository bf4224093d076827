package verdict

import (
	"strings"
	"testing"
	"time"
)

func measured(c Counts) Trial {
	return Trial{Operations: []Observation{{
		Operation: "token", Counts: c, Offered: 10, Achieved: 9.5,
		Quantiles: []Quantile{{At: 0.5, Value: time.Millisecond}}, Wrong: map[string]int{"a lie": 1},
	}}}
}

func TestJudgeAlone(t *testing.T) {
	slo := func(text string) []SLO {
		s, err := ParseSLO(text)
		if err != nil {
			t.Fatal(err)
		}
		return []SLO{s}
	}
	good := measured(Counts{Arrivals: 100, OK: 100})
	unverified := good
	unverified.Unverified = "status 503"
	stopped := good
	stopped.Disturbed = []string{"the generator stood still for 3.0 s"}
	refusing := measured(Counts{Arrivals: 100, OK: 90, Rejected: 10})
	refusing.Disturbed = stopped.Disturbed
	headline := []Merged{{Side: Candidate, Operation: "token",
		Quantiles: []Quantile{{At: 0.99, Value: 50 * time.Millisecond}}}}
	for name, c := range map[string]struct {
		in     Input
		want   Decision
		reason string
	}{
		"all is well": {Input{Loose: []Loose{{Side: Candidate, Trial: good}}}, Measured,
			"no limit was set"},
		"measured while disturbed": {Input{Loose: []Loose{{Side: Candidate, Trial: stopped}}}, Measured,
			"response times are not the server's own: the generator stood still for 3.0 s"},
		"an SLO holds": {Input{Design: Design{SLOs: slo("token p99 < 60ms")},
			Loose: []Loose{{Side: Candidate, Trial: good}}, Merged: headline}, Pass, "1 SLO, and none was missed"},
		"an SLO is missed": {Input{Design: Design{SLOs: slo("token p99 < 40ms")},
			Loose: []Loose{{Side: Candidate, Trial: good}}, Merged: headline}, Failed, "token p99 < 40ms"},
		"missed while disturbed": {Input{Design: Design{SLOs: slo("token p99 < 40ms")},
			Loose: []Loose{{Side: Candidate, Trial: stopped}}, Merged: headline}, Inconclusive,
			"the generator stood still for 3.0 s"},
		"only the warm-up was": {Input{Design: Design{SLOs: slo("token p99 < 40ms")},
			Loose:  []Loose{{Side: Candidate, Trial: stopped, Warmup: true}, {Side: Candidate, Trial: good}},
			Merged: headline}, Failed, "token p99 < 40ms"},
		"refused while disturbed": {Input{Design: Design{SLOs: slo("token error_ratio < 1%")},
			Loose: []Loose{{Side: Candidate, Trial: refusing}}}, Failed, "error_ratio"},
		"some could not be sent": {
			Input{Loose: []Loose{{Side: Candidate, Trial: measured(Counts{Arrivals: 100, OK: 90})}}}, Inconclusive,
			"10 of 100 requests could not leave this machine"},
		"achieved counts": {Input{Design: Design{SLOs: slo("token achieved >= 99%")},
			Loose: []Loose{{Side: Candidate, Trial: good}}}, Failed, "achieved"},
		"an SLO on nothing": {Input{Design: Design{SLOs: slo("revoke p99 < 40ms")},
			Loose: []Loose{{Side: Candidate, Trial: good}}}, Inconclusive, "no such figure"},
		"one wrong answer": {
			Input{Loose: []Loose{{Side: Candidate, Trial: measured(Counts{Arrivals: 100, OK: 99, Invalid: 1})}}},
			Failed, "the server gave 1 wrong answer in 100 (a lie)"},
		"wrong while warming up": {
			Input{Loose: []Loose{{Side: Candidate, Trial: measured(Counts{Arrivals: 9, OK: 8, Invalid: 1})},
				{Side: Candidate, Trial: good}}}, Failed, "wrong answer"},
		"wrong and interrupted": {
			Input{Loose: []Loose{{Side: Candidate, Trial: measured(Counts{Arrivals: 9, Invalid: 9})}},
				Interrupted: true}, Failed, "wrong answer"},
		"half of it failed, no limit": {
			Input{Loose: []Loose{{Side: Candidate, Trial: measured(Counts{Arrivals: 100, OK: 50, Timeout: 50})}}},
			Measured, "no limit was set"},
		"a third of it failed": {Input{Design: Design{MostErrors: .01},
			Loose: []Loose{{Side: Candidate, Trial: measured(Counts{Arrivals: 99, OK: 66, Rejected: 33})}}}, Failed,
			"token: 33 of 99 requests had no right answer (33.3 %; 33 rejected), more than the limit of 1 %"},
		"one in a hundred failed": {Input{Design: Design{MostErrors: .01},
			Loose: []Loose{{Side: Candidate, Trial: measured(Counts{Arrivals: 100, OK: 99, Rejected: 1})}}}, Measured,
			"no limit was set"},
		"failed, and an SLO on it": {Input{Design: Design{MostErrors: .01, SLOs: slo("token error_ratio < 50%")},
			Loose: []Loose{{Side: Candidate, Trial: measured(Counts{Arrivals: 99, OK: 66, Rejected: 33})}}}, Pass,
			"1 SLO, and none was missed"},
		"a percentile of failures": {Input{Design: Design{SLOs: slo("token p95 < 1s")},
			Loose:  []Loose{{Side: Candidate, Trial: measured(Counts{Arrivals: 100, OK: 90, Timeout: 10})}},
			Merged: []Merged{{Candidate, "token", []Quantile{{.95, 500 * time.Millisecond}}}}}, Failed,
			"token p95 < 1s: 500 ms, missed"},
		"most failed, an SLO too": {Input{Design: Design{SLOs: slo("token error_ratio < 1%")},
			Loose: []Loose{{Side: Candidate, Trial: measured(Counts{Arrivals: 100, OK: 49, Timeout: 51})}}}, Failed,
			"error_ratio"},
		"it died": {Input{Loose: []Loose{{Side: Candidate, Trial: Trial{Died: "the trial: exit status 70"}}}}, Failed,
			"the server died under load: the trial: exit status 70"},
		"interrupted": {Input{Loose: []Loose{{Side: Candidate, Trial: good}}, Interrupted: true},
			Inconclusive, "interrupted"},
		"interrupted before it ran": {Input{Interrupted: true}, Invalid, "nothing was measured"},
		"unverified": {Input{Loose: []Loose{{Side: Candidate, Trial: unverified}}}, Inconclusive,
			"could not be verified (status 503)"},
	} {
		v := JudgeAlone(c.in)
		if v.Decision != c.want || !strings.Contains(strings.Join(v.Reasons, "\n"), c.reason) {
			t.Errorf("%s: %s, %q; want %s, %q", name, v.Decision, v.Reasons, c.want, c.reason)
		}
	}
}

// Outside the pairs a wrong answer counts as well, and nothing else does.
func TestLooseTrialsOfAComparison(t *testing.T) {
	in := run(sixPairs(), 6, nil)
	in.Loose = []Loose{{Side: Candidate, Trial: measured(Counts{Arrivals: 100, OK: 10, Timeout: 90})}}
	if v, err := Judge(in); err != nil || v.Decision != Pass {
		t.Errorf("a warm-up full of time-outs: %s, %q, %v; want a pass", v.Decision, v.Reasons, err)
	}
	in.Loose = []Loose{{Side: Candidate, Trial: measured(Counts{Arrivals: 100, OK: 99, Invalid: 1})}}
	if v, err := Judge(in); err != nil || v.Decision != Regression {
		t.Errorf("a wrong answer while warming up: %s, %q, %v; want a regression", v.Decision, v.Reasons, err)
	}
	in.Loose[0].Side = Baseline
	if v, err := Judge(in); err != nil || v.Decision != Inconclusive {
		t.Errorf("a baseline that is wrong while warming up: %s, %q, %v; want no decision", v.Decision, v.Reasons, err)
	}
}

func TestUnverifiedTrialsWithholdAPass(t *testing.T) {
	in := run(sixPairs(), 6, nil)
	in.Pairs[2].Candidate.Unverified = "connection refused"
	if v, err := Judge(in); err != nil || v.Decision != Inconclusive ||
		!strings.Contains(strings.Join(v.Reasons, "\n"), "connection refused") {
		t.Errorf("%s, %q, %v; want no decision, and why", v.Decision, v.Reasons, err)
	}
}

// A first look must not cry wolf: it convicts only when the whole interval lies beyond
// the margin, and says that it suspects when the estimate does.
func TestQuickConvictsOnlyBeyondTheMargin(t *testing.T) {
	slower := func(factors ...float64) Verdict {
		in := run(sixPairs(), 6, func(u int, p *Pair) { p.Candidate = p.Candidate.slower(factors[u]) })
		v, err := Judge(in)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if v := slower(1.5, 1.6, 1.4, 1.5, 1.55, 1.45); v.Decision != Regression {
		t.Errorf("half as slow again: %s, %q; want a regression", v.Decision, v.Reasons)
	}
	v := slower(1.02, 1.3, 1.25, 1.03, 1.3, 1.2)
	if v.Decision != Inconclusive || !strings.Contains(strings.Join(v.Reasons, "\n"), "probably slower") {
		t.Errorf("slower in every pair, not beyond the margin in every one: %s, %q; want no decision, and "+
			"the suspicion", v.Decision, v.Reasons)
	}
	in := run(sixPairs(), 6, func(u int, p *Pair) {
		p.Candidate = p.Candidate.slower([]float64{1.02, 1.3, 1.25, 1.03, 1.3, 1.2}[u])
	})
	in.Profile.BeyondMargin = false
	if v, err := Judge(in); err != nil || v.Decision != Regression {
		t.Errorf("without the rule: %s, %q, %v; want a regression", v.Decision, v.Reasons, err)
	}
}
