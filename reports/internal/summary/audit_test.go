package summary_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/reports/internal/fixture"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

func TestAuditPassesSoundRuns(t *testing.T) {
	for name, r := range fixture.Situations() {
		if found := summary.Audit(r); found != nil && name != "contradictory" {
			t.Errorf("%s: %q", name, found)
		}
	}
}

// altered changes one field of a histogram as a damaged or forged file would.
func altered(t *testing.T, h *bench.Histogram, field string, value any) *bench.Histogram {
	t.Helper()
	data, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	m[field] = value
	if data, err = json.Marshal(m); err != nil {
		t.Fatal(err)
	}
	out := bench.NewHistogram()
	if err := json.Unmarshal(data, out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAuditFindsContradictions(t *testing.T) {
	tests := []struct {
		name  string
		plant func(t *testing.T, r *summary.Report)
		want  string // part of one finding
	}{
		{"an outcome too many", func(t *testing.T, r *summary.Report) {
			r.Run.Trials[0].Measurements[0].Outcomes.OK++
		}, "601 outcomes, but 600 values"},
		{"a negative count", func(t *testing.T, r *summary.Report) {
			o := &r.Run.Trials[0].Measurements[0].Outcomes
			o.OK, o.Timeout = o.OK+1, -1
		}, "negative number of outcomes"},
		{"more sent than planned", func(t *testing.T, r *summary.Report) {
			r.Run.Trials[1].Sent++
		}, "arrivals sent, only"},
		{"more recorded than sent", func(t *testing.T, r *summary.Report) {
			r.Run.Trials[1].Sent = 100
		}, "recorded, only 100 sent"},
		{"more achieved than offered", func(t *testing.T, r *summary.Report) {
			r.Run.Trials[1].Achieved = 400
		}, "achieved 400/s, only 360/s offered"},
		{"one operation achieves more than offered", func(t *testing.T, r *summary.Report) {
			r.Run.Trials[1].Measurements[2].Achieved = 130
		}, "token: achieved 130/s"},
		{"mean beyond the maximum", func(t *testing.T, r *summary.Report) {
			m := &r.Run.Trials[2].Measurements[1]
			m.Response = altered(t, m.Response, "sum_ns", 1e15)
		}, "lies outside"},
		{"service time longer than response time", func(t *testing.T, r *summary.Report) {
			m := &r.Run.Trials[2].Measurements[2]
			m.Service, m.Response = m.Response, m.Service
		}, "which it contains"},
		{"failures without a case", func(t *testing.T, r *summary.Report) {
			fixture.Fail(&r.Run.Trials[3].Measurements[0], bench.Invalid, 2, "x")
			r.Run.Trials[3].Measurements[0].Cases = nil
		}, "0 cases"},
		{"a second whose P50 is above its P95", func(t *testing.T, r *summary.Report) {
			r.Run.Trials[0].Measurements[0].Timeline[1].P50 = time.Minute
		}, "do not ascend"},
		{"seconds out of order", func(t *testing.T, r *summary.Report) {
			r.Run.Trials[0].Measurements[0].Timeline[1].At = 0
		}, "comes after"},
		{"seconds that lost arrivals", func(t *testing.T, r *summary.Report) {
			m := &r.Run.Trials[0].Measurements[0]
			m.Timeline = m.Timeline[:2]
		}, "over time"},
		{"more in flight than workers", func(t *testing.T, r *summary.Report) {
			r.Run.Trials[0].Load.Workers = 1
		}, "only 1 workers"},
		{"fewer under way than response times say", func(t *testing.T, r *summary.Report) {
			r.Run.Trials[1].InFlight *= .9
		}, "Little's law"},
		{"more under way than response times say", func(t *testing.T, r *summary.Report) {
			r.Run.Trials[1].InFlight *= 1.3
		}, "Little's law"},
		{"service times in the wrong unit", func(t *testing.T, r *summary.Report) {
			for i := range r.Run.Trials[0].Measurements {
				m := &r.Run.Trials[0].Measurements[i]
				h := bench.NewHistogram()
				for _, step := range m.Service.Steps() {
					for range step.Count {
						h.Record(step.Value / 1000)
					}
				}
				m.Service = h
			}
		}, "Little's law"},
		{"arrivals that were never recorded", func(t *testing.T, r *summary.Report) {
			for i := range r.Run.Trials[0].Measurements {
				r.Run.Trials[0].Measurements[i].Offered *= 1.01
			}
		}, "606.0 arrivals, 600 are recorded"},
		{"an achieved rate of another time", func(t *testing.T, r *summary.Report) {
			r.Run.Trials[0].Measurements[0].Achieved *= .98
		}, "expected answers, 600 are recorded"},
		{"a total of other parts", func(t *testing.T, r *summary.Report) {
			r.Run.Trials[0].Offered++
		}, "its operations together"},
		{"a place measured twice", func(t *testing.T, r *summary.Report) {
			r.Run.Trials[5] = r.Run.Trials[4]
		}, "claim the same place"},
		{"an estimate outside its interval", func(t *testing.T, r *summary.Report) {
			r.Verdict.Comparisons[0].Ratio.High = .5
		}, "outside its interval"},
		{"a percentile above the longest", func(t *testing.T, r *summary.Report) {
			r.Verdict.Comparisons[0].Candidate = time.Minute
		}, "whose longest response time"},
		{"a comparison of what was not measured", func(t *testing.T, r *summary.Report) {
			r.Verdict.Comparisons[0].Operation = "refresh"
		}, "never measured"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := fixture.UsualReport()
			r.Verdict.ByPercentiles = true
			test.plant(t, &r)
			found := strings.Join(summary.Audit(r), "\n")
			if !strings.Contains(found, test.want) {
				t.Errorf("Audit = %q; want %q in it", found, test.want)
			}
			if r.Decision() != verdict.Invalid {
				t.Errorf("Decision() = %q; want invalid", r.Decision())
			}
		})
	}
}

// A server that fails or is slow contradicts nothing.
func TestAuditForgivesBadServers(t *testing.T) {
	r := fixture.UsualReport()
	m := r.Run.Trials[0].Measurement("token")
	fixture.Fail(m, bench.Timeout, m.Outcomes.OK, "no answer in time")
	fixture.Recount(&r.Run.Trials[0])
	if found := summary.Audit(r); found != nil {
		t.Errorf("Audit = %q", found)
	}
}

// What counts against a version stands in a run that contradicts itself; a pass, and a
// regression of response times alone, do not.
func TestAuditHidesNoError(t *testing.T) {
	for _, c := range []struct {
		decision      verdict.Decision
		byPercentiles bool
		want          verdict.Decision
	}{
		{verdict.Regression, false, verdict.Regression},
		{verdict.Failed, false, verdict.Failed},
		{verdict.Regression, true, verdict.Invalid},
		{verdict.Pass, true, verdict.Invalid},
		{verdict.Measured, false, verdict.Invalid},
		{verdict.Inconclusive, false, verdict.Invalid},
	} {
		r := fixture.UsualReport()
		const why = "SLO token p95 < 1ms: 9ms, missed by the candidate"
		r.Verdict.Decision, r.Verdict.ByPercentiles, r.Verdict.Reasons = c.decision, c.byPercentiles, []string{why}
		r.Run.Trials[0].InFlight *= 3
		s := summary.Of(r)
		said := strings.Join(append(s.Reasons(), s.Sentence()), " ")
		kept := strings.Contains(said, why)
		if s.Decision() != c.want || r.Decision() != c.want || kept != (c.want != verdict.Invalid) {
			t.Errorf("%s, by percentiles %v, became %s: %s; want %s",
				c.decision, c.byPercentiles, s.Decision(), said, c.want)
		}
		if !strings.Contains(said, "Little's law") || !strings.Contains(said, "contradict each other") {
			t.Errorf("%s does not say what contradicts: %s", c.decision, said)
		}
		if s.Judged() || len(summary.Slos(s)) != len(r.Verdict.SLOs) {
			t.Error("want all limits, and no comparison of figures that contradict each other")
		}
	}
}
