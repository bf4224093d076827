package verdict

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench/stats"
)

// run builds a run without noise beyond a fixed small pattern: n units of the
// profile, one operation "token" at 10 ms, 1000 arrivals a trial. edit may
// change each pair.
func run(p Profile, n int, edit func(unit int, pair *Pair)) Input {
	in := Input{Design: Design{Profile: p}}
	wobble := []float64{.01, -.012, .004, -.006, .008, -.003, .002, -.009}
	k := 0
	for u := range n {
		for i := range p.PairsPerEpoch {
			pair := Pair{Epoch: u, Block: i / 2, CandidateFirst: (u+i)%2 == 1}
			if p.Unit == UnitPair {
				pair.Epoch, pair.Block = 0, u/2
			}
			pair.Baseline = full(wobble[(k*k+u)%8])
			pair.Candidate = full(wobble[(k*k*k+3*u+1)%8])
			k++
			if edit != nil {
				edit(u, &pair)
			}
			in.Pairs = append(in.Pairs, pair)
		}
	}
	for _, side := range []Side{Baseline, Candidate} {
		in.Merged = append(in.Merged, Merged{side, "token",
			[]Quantile{{.5, 10e6}, {.95, 20e6}, {.99, 30e6}, {1, 90e6}}})
	}
	return in
}

func full(x float64) Trial {
	return Trial{Operations: []Observation{{
		Operation: "token",
		Quantiles: []Quantile{{.5, milliseconds(10 * math.Exp(x))}, {.95, milliseconds(20 * math.Exp(x))},
			{.99, milliseconds(30 * math.Exp(x))}},
		Counts: Counts{Arrivals: 1000, OK: 1000}, Offered: 50, Achieved: 50,
	}}}
}

// slower multiplies all quantiles of a trial.
func (t Trial) slower(factor float64) Trial {
	o := t.Operations[0]
	o.Quantiles = append([]Quantile(nil), o.Quantiles...)
	for i := range o.Quantiles {
		o.Quantiles[i].Value = time.Duration(float64(o.Quantiles[i].Value) * factor)
	}
	t.Operations = []Observation{o}
	return t
}

// failing moves n OK arrivals to an outcome.
func (t Trial) failing(n int, to func(*Counts) *int) Trial {
	o := t.Operations[0]
	o.Counts.OK -= n
	*to(&o.Counts) += n
	t.Operations = []Observation{o}
	return t
}

func invalid(c *Counts) *int  { return &c.Invalid }
func timeout(c *Counts) *int  { return &c.Timeout }
func rejected(c *Counts) *int { return &c.Rejected }

// limitedErrors sets the share of errors that the run may have.
func limitedErrors(in Input, most float64) Input {
	in.MostErrors = most
	return in
}

func slowAll(factor float64) func(int, *Pair) {
	return func(_ int, p *Pair) { p.Candidate = p.Candidate.slower(factor) }
}

// repeated disturbs the pair at index i, makes its candidate slower by factor,
// and inserts a clean repetition at the end of its epoch.
func repeated(in Input, i int, factor float64) Input {
	again := in.Pairs[i]
	again.Block = 9
	in.Pairs[i].Baseline.Disturbed = []string{"steal 5 %"}
	in.Pairs[i].Candidate = in.Pairs[i].Candidate.slower(factor)
	end := i + 1
	for end < len(in.Pairs) && in.Pairs[end].Epoch == again.Epoch {
		end++
	}
	in.Pairs = slices.Insert(in.Pairs, end, again)
	return in
}

func TestJudge(t *testing.T) {
	slo := func(in Input, texts ...string) Input {
		for _, text := range texts {
			s, err := ParseSLO(text)
			if err != nil {
				t.Fatal(err)
			}
			in.SLOs = append(in.SLOs, s)
		}
		return in
	}
	interrupted := func(in Input) Input { in.Interrupted = true; return in }
	gates := func(in Input, g ...Gate) Input { in.Gates = g; return in }
	for _, c := range []struct {
		name string
		in   Input
		want Decision
		says string // in the reasons
	}{
		{"quick A/A", run(sixPairs(), 6, nil), Pass, "token P95"},
		{"full A/A, stopped at the first look", run(Full(), 8, nil), Pass, "within the margin"},
		{"identical trials", run(sixPairs(), 6, func(_ int, p *Pair) { p.Candidate = p.Baseline }), Pass,
			"×1.00 [1.00, 1.00]"},
		{"identical trials, full", run(Full(), 15, func(_ int, p *Pair) { p.Baseline, p.Candidate = full(0), full(0) }),
			Pass, "×1.00 [1.00, 1.00]"},
		{"constant and 2 % slower", run(Full(), 15, func(_ int, p *Pair) {
			p.Baseline, p.Candidate = full(0), full(.02)
		}), Pass, "×1.02"},
		{"constant and twice as slow",
			run(Full(), 15, func(_ int, p *Pair) { p.Baseline, p.Candidate = full(0), full(math.Ln2) }), Regression,
			"×2.00"},
		{"much faster", run(sixPairs(), 6, slowAll(.41)), Pass, ": faster"},
		{"30 % slower", run(Full(), 8, slowAll(1.3)), Regression, "token P99 is ×1.30"},
		{"30 % slower, quick", run(sixPairs(), 6, slowAll(1.3)), Regression, "above the margin of ×1.10"},
		{"one short of the quick profile", run(sixPairs(), 5, nil), Inconclusive, "5 of 6 valid pairs"},
		{"interrupted and slow", interrupted(run(sixPairs(), 3, slowAll(3))), Inconclusive,
			"interrupted after 3 of 6 pairs"},
		{"interrupted and complete", interrupted(run(sixPairs(), 6, nil)), Inconclusive, "interrupted"},
		{"seven epochs", run(Full(), 7, nil), Inconclusive, "7 of 8 valid epochs"},
		{"one unit", run(sixPairs(), 1, nil), Inconclusive, "1 of 6"},
		{"nothing at all", run(sixPairs(), 0, nil), Invalid, "no pair"},

		{"one wrong answer of a faster candidate", run(sixPairs(), 6, func(u int, p *Pair) {
			p.Candidate = p.Candidate.slower(.5)
			if u == 2 {
				p.Candidate = p.Candidate.failing(1, invalid)
				p.Candidate.Operations[0].Wrong = map[string]int{"a revoked token was called active": 1}
			}
		}), Regression, "token: the candidate gave 1 wrong answer in 6000 (a revoked token was called active); the " +
			"baseline gave none"},
		{"a wrong answer in an interrupted run",
			interrupted(run(sixPairs(), 2, func(_ int, p *Pair) { p.Candidate = p.Candidate.failing(1, invalid) })),
			Regression, "wrong answers"},
		{"a wrong answer in a disturbed run", run(sixPairs(), 6, func(_ int, p *Pair) {
			p.Baseline.Disturbed, p.Candidate = []string{"foreign CPU 40 %"}, p.Candidate.failing(1, invalid)
		}), Regression, "wrong answers"},
		{"wrong answers of the baseline only",
			run(sixPairs(), 6, func(_ int, p *Pair) { p.Baseline = p.Baseline.failing(2, invalid) }), Inconclusive,
			"its percentiles are no reference"},

		{"errors of the candidate", run(sixPairs(), 6, func(_ int, p *Pair) {
			p.Candidate = p.Candidate.failing(10, rejected)
		}), Regression, "the candidate failed 60 of 6000 requests (1 %; 60 rejected), the baseline 0 of 6000"},
		{"one per thousand, full", run(Full(), 8, func(_ int, p *Pair) {
			p.Candidate = p.Candidate.failing(1, timeout)
		}), Regression, "timed out"},
		{"errors of both alike", run(sixPairs(), 6, func(_ int, p *Pair) {
			p.Baseline, p.Candidate = p.Baseline.failing(10, rejected), p.Candidate.failing(10, rejected)
		}), Pass, "token P95"},
		{"errors of the baseline only",
			run(sixPairs(), 6, func(_ int, p *Pair) { p.Baseline = p.Baseline.failing(10, rejected) }), Pass,
			"token P95"},
		{"errors beyond chance and too rare to count", run(Full(), 8, func(u int, p *Pair) {
			if p.CandidateFirst && p.Block == 0 {
				p.Candidate = p.Candidate.failing(1, timeout)
			}
		}), Pass, "within"},
		{"errors in an interrupted run",
			interrupted(run(sixPairs(), 4, func(_ int, p *Pair) { p.Candidate = p.Candidate.failing(10, rejected) })),
			Inconclusive, "interrupted after 4 of 6 pairs"},
		{"errors in an interrupted run that has all pairs",
			interrupted(run(sixPairs(), 6, func(_ int, p *Pair) { p.Candidate = p.Candidate.failing(10, rejected) })),
			Inconclusive, "60 rejected"},
		{"errors in a run that is too short",
			run(sixPairs(), 4, func(_ int, p *Pair) { p.Candidate = p.Candidate.failing(10, rejected) }), Inconclusive,
			"the candidate failed 40 of 4000"},
		{"one burst of the candidate", run(sixPairs(), 6, func(u int, p *Pair) {
			if u == 3 {
				p.Candidate = p.Candidate.failing(40, timeout)
			}
		}), Inconclusive, "in 1 of 6 pairs: too few, or too much in bursts"},
		{"the candidate is dead", run(sixPairs(), 6, func(_ int, p *Pair) {
			p.Candidate = p.Candidate.slower(100).failing(1000, timeout)
		}), Regression, "never answered"},
		{"the baseline is dead", run(sixPairs(), 6, func(_ int, p *Pair) {
			p.Baseline = p.Baseline.slower(100).failing(1000, timeout)
		}), Invalid, "nothing to compare with"},
		{"both are dead", run(sixPairs(), 6, func(_ int, p *Pair) {
			p.Baseline, p.Candidate = full(7).failing(1000, timeout), full(7).failing(1000, timeout)
		}), Invalid, "none of the baseline's 6000 requests"},
		{"P95 is a time-out on both sides", run(sixPairs(), 6, func(_ int, p *Pair) {
			p.Baseline, p.Candidate = full(7).failing(100, timeout), full(7).failing(100, timeout)
		}), Inconclusive, "token P95 is a failed request on both sides"},

		{"SLO missed by the candidate", slo(run(sixPairs(), 6, nil), "token p99 < 25ms"), Regression,
			"token p99 < 25ms: 30 ms, missed by the candidate, and by the baseline too"},
		{"SLO held", slo(run(sixPairs(), 6, nil), "token p99 < 100ms", "token achieved >= 99%", "token invalid = 0",
			"token error_ratio < 0.1%", "token max < 1s"), Pass, ""},
		{"wrong answers of the baseline count as its errors and wherever given",
			slo(run(sixPairs(), 7, func(u int, p *Pair) {
				if p.Baseline = p.Baseline.failing(1, invalid); u == 0 {
					p.Baseline.Disturbed = []string{"steal 5 %"}
					p.Candidate = p.Candidate.failing(3, rejected)
				}
			}), "token invalid = 7", "token error_ratio > 0.05%"), Regression,
			"SLO token invalid = 7: 0, missed by the candidate\nSLO token error_ratio > 0.05%: 0.04286 %, missed by " +
				"the candidate"},
		{"SLO missed in an interrupted run", interrupted(slo(run(sixPairs(), 3, nil), "token p99 < 25ms")),
			Inconclusive, "interrupted"},
		{"SLO not measured", slo(run(sixPairs(), 6, nil), "revoke p99 < 100ms"), Inconclusive, "not measured"},

		{"a third of the pairs disturbed", run(sixPairs(), 9, func(u int, p *Pair) {
			if u%3 == 0 {
				p.Baseline.Disturbed = []string{"steal 5 %"}
			}
		}), Invalid, "3 of 9 pairs were disturbed from outside (steal 5 %)"},
		{"a disturbed pair, repeated at the end of its epoch", repeated(run(Full(), 8, nil), 13, 3), Pass, "within"},
		{"a disturbed pair without which it decides", repeated(run(sixPairs(), 6, nil), 3, 3), Pass, "token P95"},
		{"disturbed pairs that turn the answer round", run(Full(), 8, func(u int, p *Pair) {
			if p.Candidate = p.Candidate.slower(1.3); u < 6 && p.Block == 1 && p.CandidateFirst {
				p.Candidate = p.Candidate.slower(.01)
				p.Baseline.Disturbed, p.Candidate.Disturbed = []string{"steal 5 %"}, []string{"steal 5 %"}
			}
		}), Regression, "above the margin"},
		{"one version disturbed more often", run(Full(), 8, func(u int, p *Pair) {
			if u < 6 && p.Block == 1 && p.CandidateFirst {
				p.Candidate.Disturbed = []string{"steal 5 %"}
			}
		}), Inconclusive, "disturbed 0 of the baseline's and 6 of the candidate's trials"},
		{"slower, and its trials disturbed more often", run(Full(), 8, func(u int, p *Pair) {
			if p.Candidate = p.Candidate.slower(1.3); u < 6 && p.Block == 1 && p.CandidateFirst {
				p.Candidate.Disturbed = []string{"steal 5 %"}
			}
		}), Regression, "above the margin"},
		{"a third refused on a machine that is too busy to compare", run(sixPairs(), 6, func(_ int, p *Pair) {
			p.Baseline.Disturbed, p.Candidate.Disturbed = []string{"foreign 30 %"}, []string{"foreign 30 %"}
			p.Candidate = p.Candidate.failing(350, rejected)
		}), Regression, "2100 rejected"},
		{"away for a second, and fast", run(sixPairs(), 6, func(u int, p *Pair) {
			if u == 3 {
				p.Candidate.Outages = []Outage{{Where: "pair 4", At: time.Second, Length: 1200 * time.Millisecond,
					Failed: 17, Operations: []string{"token"}, Back: true}}
			}
		}), Inconclusive, "the candidate was away: no right answer of token for 1.2 s from 1 s of pair 4 " +
			"(17 failed), " +
			"then it came back"},
		{"away for a second on a machine that is too busy to compare", run(sixPairs(), 6, func(u int, p *Pair) {
			p.Baseline.Disturbed, p.Candidate.Disturbed = []string{"foreign 30 %"}, []string{"foreign 30 %"}
			if u == 3 {
				p.Candidate.Outages = []Outage{{Where: "pair 4", At: time.Second, Length: 1200 * time.Millisecond,
					Failed: 17, Operations: []string{"token"}, Back: true}}
			}
		}), Invalid, "the candidate was away: no right answer of token for 1.2 s from 1 s of pair 4"},
		{"more errors than the limit",
			limitedErrors(run(sixPairs(), 6, func(_ int, p *Pair) { p.Candidate = p.Candidate.failing(12, rejected) }),
				.01),
			Regression, "72 of 6000 requests had no right answer (1.2 %; 72 rejected), more than the limit of 1 %; " +
				"the baseline kept it"},
		{"more errors than the limit on both sides", limitedErrors(run(sixPairs(), 6, func(_ int, p *Pair) {
			p.Baseline, p.Candidate = p.Baseline.failing(12, rejected), p.Candidate.failing(12, rejected)
		}), .01), Inconclusive, "so did the baseline"},

		{"unstable in a quarter of the epochs", run(Full(), 15, func(u int, p *Pair) {
			if u%4 == 0 {
				p.Candidate = p.Candidate.slower(3)
			}
		}), Regression, "16 of the candidate's 60 trials"},
		{"three slow starts of the candidate may be bad luck", run(Full(), 15, func(u int, p *Pair) {
			if u%5 == 0 {
				p.Candidate = p.Candidate.slower(3)
			}
		}), Inconclusive, "token P95 may be unstable: 12 of the candidate's 60 trials lie far above the rest (more " +
			"than 22.0 ms), against 0 of the baseline's; they come from 3 epochs, too few"},
		{"as many slow trials, of as many starts", run(Full(), 15, func(u int, p *Pair) {
			if u < 8 && p.Block == 0 && p.CandidateFirst {
				p.Candidate = p.Candidate.slower(3)
			}
		}), Regression, "8 of the candidate's 60 trials"},
		{"a rare change too small to matter is no instability", run(Full(), 15, func(u int, p *Pair) {
			p.Baseline, p.Candidate = full(0), full(0)
			if u%5 == 0 {
				p.Candidate = full(.01)
			}
		}), Pass, "within"},
		{"unstable machine, both versions", run(Full(), 15, func(u int, p *Pair) {
			if u%5 == 0 {
				p.Baseline, p.Candidate = p.Baseline.slower(3), p.Candidate.slower(3)
			}
		}), Pass, ""},

		{"P99 listed in the quick profile", gates(run(sixPairs(), 6, nil), Gate{"token", .99}), Inconclusive,
			"cannot gate in the quick profile, which gates P50, P95"},
		{"an operation that the candidate no longer has", run(sixPairs(), 6, func(_ int, p *Pair) {
			gone := p.Baseline.Operations[0]
			gone.Operation = "revoke"
			p.Baseline.Operations = append(slices.Clone(p.Baseline.Operations), gone)
		}), Inconclusive, "revoke was measured on both sides of no pair"},
		{"a gate that was never measured", gates(run(sixPairs(), 6, nil), Gate{"revoke", .95}), Inconclusive,
			"revoke P95 was not measured"},
		{"a listed gate with too few requests", gates(run(Full(), 8, func(_ int, p *Pair) {
			p.Baseline.Operations[0].Counts = Counts{Arrivals: 300, OK: 300}
			p.Candidate.Operations[0].Counts = Counts{Arrivals: 300, OK: 300}
		}), Gate{"token", .99}), Inconclusive, "token P99 needs 1000 requests a trial and had 300"},
		{"an unlisted one with too few requests", run(Full(), 8, func(_ int, p *Pair) {
			p.Baseline.Operations[0].Counts = Counts{Arrivals: 300, OK: 300}
			p.Candidate.Operations[0].Counts = Counts{Arrivals: 300, OK: 300}
		}), Pass, "token P95"},
		{"an epoch that kept one pair of four is no unit", run(Full(), 8, func(u int, p *Pair) {
			if u == 3 && (p.Block == 1 || p.CandidateFirst) {
				p.Baseline.Disturbed = []string{"steal 5 %"}
			}
		}), Inconclusive, "7 of 8 valid epochs"},
		{"too few requests for any gate", run(sixPairs(), 6, func(_ int, p *Pair) {
			p.Baseline.Operations[0].Counts = Counts{Arrivals: 10, OK: 10}
			p.Candidate.Operations[0].Counts = Counts{Arrivals: 10, OK: 10}
		}), Invalid, "lengthen the trials"},
	} {
		v, err := Judge(c.in)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		reasons := strings.Join(v.Reasons, "\n")
		if v.Decision != c.want || !strings.Contains(reasons, c.says) || reasons == "" {
			t.Errorf("%s: %s; want %s with %q\nreasons: %s\nwarnings: %q\nnotes: %q", c.name, v.Decision, c.want,
				c.says, reasons, v.Warnings, v.Notes)
		}
		b, err := json.Marshal(v)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		var back Verdict
		if err := json.Unmarshal(b, &back); err != nil {
			t.Errorf("%s: read back: %v", c.name, err)
		}
		if again, _ := json.Marshal(back); string(again) != string(b) {
			t.Errorf("%s: JSON changes on the way:\n%s\n%s", c.name, b, again)
		}
		if testing.Verbose() {
			t.Logf("%-40s %s\n\t%s\n\twarnings %q\n\tnotes %q", c.name, v.Decision, strings.Join(v.Reasons, "\n\t"),
				v.Warnings, v.Notes)
		}
	}
}

// The baseline is a third slower in the later trial of every block: the
// control fails, and a candidate that merely looks equal does not pass.
func TestControlFails(t *testing.T) {
	in := run(Full(), 8, func(u int, p *Pair) {})
	for i := range in.Pairs {
		if i%2 == 1 {
			in.Pairs[i].Baseline, in.Pairs[i].Candidate = full(.3+float64(i)/1000), full(.3)
		}
	}
	v, err := Judge(in)
	if err != nil || v.Decision != Inconclusive ||
		!strings.Contains(fmt.Sprint(v.Reasons), "the baseline differs from itself") {
		t.Errorf("Judge = %s, %q, %v; want inconclusive because of the control", v.Decision, v.Reasons, err)
	}
}

// A drift of a third does not hide a candidate that takes five times as long.
func TestControlCannotExplainEverything(t *testing.T) {
	for factor, want := range map[float64]Decision{1.4: Inconclusive, 5: Regression} {
		in := run(Full(), 8, nil)
		for i := range in.Pairs {
			x := .3 * float64(i%2)
			in.Pairs[i].Baseline, in.Pairs[i].Candidate = full(x+float64(i)/1000), full(x).slower(factor)
		}
		if v, err := Judge(in); err != nil || v.Decision != want {
			t.Errorf("%v times slower under drift: %s, %q, %v; want %s", factor, v.Decision, v.Reasons, err, want)
		}
	}
}

func TestSLOValues(t *testing.T) {
	in := run(sixPairs(), 4, func(u int, p *Pair) {
		p.Baseline = p.Baseline.failing(2, invalid).failing(3, rejected).failing(5, timeout)
		if u == 0 {
			p.Candidate.Disturbed = []string{"steal 5 %"}
		}
	})
	for _, c := range []struct {
		text string
		want float64
	}{
		{"token invalid = 0", 8}, {"token rejected = 0", 12}, {"token timeout = 0", 20}, {"token unreachable = 0", 0},
		{"token error_ratio < 1%", .01}, {"token achieved >= 99%", 1}, {"token p95 < 1s", 20e6},
		{"token max < 1s", 90e6},
	} {
		s, err := ParseSLO(c.text)
		if err != nil {
			t.Fatal(err)
		}
		in.SLOs = []SLO{s}
		if got := judgeSLOs(in, Baseline, Candidate)[0]; got.Value != c.want || got.Side != Baseline {
			t.Errorf("%s: %+v; want the baseline's %v", c.text, got, c.want)
		}
	}
}

// At a planned look its own level; between two the stricter; one gate uses the
// level of a single comparison, several share what the look may spend.
func TestLevelsOfALook(t *testing.T) {
	for _, c := range []struct {
		units, look int
		nominal     float64
	}{{7, 0, 0}, {8, 1, .01953}, {10, 1, .01953}, {12, 2, .02124}, {14, 2, .02124}, {15, 3, .03186}, {20, 3, .03186}} {
		level, look := Full().level(c.units)
		if look != c.look || math.Abs(level.Nominal-c.nominal) > 5e-6 {
			t.Errorf("level(%d) = %.5f at look %d; want %.5f at look %d", c.units, level.Nominal, look, c.nominal,
				c.look)
		}
	}
	if level, _ := Full().level(13); level.Spent > .0143 {
		t.Errorf("level(13) spends %v; want the stricter of two looks", level.Spent)
	}
	// p = 0.0318 passes the last look's 0.03186 and not its share of 0.0142.
	c := Comparison{Units: 15, Margin: .1, PSlow: .0318, PAdjusted: .0318, PNonInferior: 1, Gating: true,
		Ratio: Interval{1.3, 1.1, 1.5}}
	for gates, want := range map[int]Decision{1: Regression, 2: Inconclusive} {
		c := c
		level, look := Full().level(15)
		decide(Full(), &c, series{operation: "token", quantile: .95}, looked{look, level, gates}, make([]tail, gates))
		if c.Decision != want {
			t.Errorf("with %d gates: %s; want %s", gates, c.Decision, want)
		}
	}
}

func TestUnitsToConvict(t *testing.T) {
	for gates, want := range map[int]int{0: 5, 1: 5, 3: 6, 4: 7, 6: 7, 7: 8, 12: 8} {
		if got := UnitsToConvict(gates, .05); got != want {
			t.Errorf("UnitsToConvict(%d, 0.05) = %d; want %d", gates, got, want)
		}
	}
}

func TestExtraDataAreNotJudged(t *testing.T) {
	v, err := Judge(run(sixPairs(), 9, func(u int, p *Pair) {
		if u >= 6 {
			p.Candidate = p.Candidate.slower(9)
		}
	}))
	if err != nil || v.Decision != Pass || v.Units != 6 ||
		!strings.Contains(fmt.Sprint(v.Notes), "3 pairs measured after") {
		t.Errorf("Judge of 9 pairs, 6 planned = %s of %d units, notes %q, %v", v.Decision, v.Units, v.Notes, err)
	}
}

// Look(k) is Judge of the data as they were at that look.
func TestLookIsJudgeOfThePrefix(t *testing.T) {
	all := run(Full(), 15, slowAll(1.06))
	for look, units := range Full().Looks {
		_, v, err := Look(all, look)
		if err != nil {
			t.Fatal(err)
		}
		then := all
		then.Pairs = all.Pairs[:4*units]
		want, err := Judge(then)
		if err != nil || !reflect.DeepEqual(jsonOf(t, v), jsonOf(t, want)) {
			t.Errorf("Look(%d) = %s; want %s", look, jsonOf(t, v), jsonOf(t, want))
		}
		if v.Look != look+1 || v.Units != units {
			t.Errorf("Look(%d) judged look %d with %d units", look, v.Look, v.Units)
		}
	}
	if stop, v, _ := Look(run(Full(), 8, nil), 1); stop && v.Look != 1 {
		t.Errorf("look 1 with the data of look 0: stop %v, look %d", stop, v.Look)
	}
	if _, _, err := Look(all, 3); err == nil {
		t.Error("Look(3) of a plan with three looks: want an error")
	}
}

func jsonOf(t *testing.T, v Verdict) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestJudgeRefusesContradictions(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*Input)
		says string
	}{
		{"no looks", func(in *Input) { in.Profile.Looks = nil }, "no planned look"},
		{"looks fall", func(in *Input) { in.Profile.Looks = []int{8, 6} }, "ascending"},
		{"alpha NaN", func(in *Input) { in.Profile.Alpha = math.NaN() }, "alpha NaN"},
		{"unknown unit", func(in *Input) { in.Profile.Unit = "trial" }, `unit "trial"`},
		{"zero response time", func(in *Input) {
			in.Pairs[1].Candidate = in.Pairs[1].Candidate.slower(0)
		}, "pair 1: candidate"},
		{"negative count", func(in *Input) { in.Pairs[0].Baseline.Operations[0].Counts.OK = -1 }, "none negative"},
		{"more outcomes than arrivals", func(in *Input) {
			in.Pairs[0].Baseline.Operations[0].Counts.Timeout = 1
		}, "no more outcomes"},
		{"operation twice", func(in *Input) {
			o := &in.Pairs[0].Baseline.Operations
			*o = append(*o, (*o)[0])
		}, "appears twice"},
		{"quantile twice, but for rounding", func(in *Input) {
			q := &in.Pairs[0].Baseline.Operations[0].Quantiles
			*q = append(*q, Quantile{(*q)[0].At + 1e-12, 1})
		}, "appears twice"},
		{"a loose trial of neither side", func(in *Input) { in.Loose = []Loose{{Side: "new"}} }, `side "new"`},
		{"a loose trial that takes back wrong answers", func(in *Input) {
			in.Loose = []Loose{{Side: Candidate,
				Trial: Trial{Operations: []Observation{{Operation: "token", Counts: Counts{Invalid: -1}}}}}}
		}, "none negative"},
		{"quantile NaN", func(in *Input) {
			in.Pairs[0].Baseline.Operations[0].Quantiles[0].At = math.NaN()
		}, "quantile NaN"},
		{"rate infinite", func(in *Input) { in.Pairs[0].Baseline.Operations[0].Offered = math.Inf(1) }, "finite rates"},
		{"margin zero", func(in *Input) { in.Margins = []Margin{{}} }, "margin 0"},
		{"gate at 100", func(in *Input) { in.Gates = []Gate{{"token", 95}} }, "between 0 and 1"},
		{"unparsed SLO", func(in *Input) { in.SLOs = []SLO{{Operation: "token"}} }, "ParseSLO"},
		{"merged side", func(in *Input) { in.Merged[0].Side = "old" }, `side "old"`},
	} {
		in := run(sixPairs(), 6, nil)
		c.edit(&in)
		if v, err := Judge(in); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, %v; want an error with %q", c.name, v.Decision, err, c.says)
		}
	}
}

func TestMargins(t *testing.T) {
	in := Input{Design: Design{Margins: []Margin{{Operation: "token", Quantile: .95, Fraction: .5},
		{Operation: "token", Fraction: .4}, {Quantile: .95, Fraction: .3}, {Fraction: .2}}}}
	for _, c := range []struct {
		in        Input
		operation string
		quantile  float64
		want      float64
	}{
		{Input{}, "token", .5, .05}, {Input{}, "token", .95, .1}, {Input{}, "token", .99, .15},
		{Input{}, "token", .999, .15},
		{in, "revoke", .5, .2}, {in, "revoke", .95, .3}, {in, "token", .99, .4}, {in, "token", .95, .5},
	} {
		if got := c.in.Fraction(c.operation, c.quantile); got != c.want {
			t.Errorf("margin(%s, %v) = %v; want %v", c.operation, c.quantile, got, c.want)
		}
	}
}

// A share of a short response time can be less than the generator is late by: a slowdown
// by less than LeastMargin never matters, and nothing else changes.
func TestLeastMargin(t *testing.T) {
	const slowdown = 1.2 // of 10, 20 and 30 ms: 2, 4 and 6 ms
	in := run(Full(), 15, func(_ int, p *Pair) { p.Candidate = p.Candidate.slower(slowdown) })
	for _, c := range []struct {
		least time.Duration
		want  []Decision // P50, P95, P99
	}{
		{0, []Decision{Regression, Regression, Regression}},
		{time.Millisecond / 2, []Decision{Regression, Regression, Regression}},
		{5 * time.Millisecond, []Decision{Pass, Pass, Regression}},
		{9 * time.Millisecond, []Decision{Pass, Pass, Pass}},
	} {
		in.LeastMargin = c.least
		v, err := Judge(in)
		if err != nil {
			t.Fatal(err)
		}
		for i, got := range v.Comparisons {
			own := in.Fraction(got.Operation, got.Quantile)
			if got.Decision != c.want[i] || got.Margin < own {
				t.Errorf("least margin %v: %s: %s at a margin of %.2f; want %s", c.least, got.Name(), got.Decision,
					got.Margin, c.want[i])
			}
			says := slices.ContainsFunc(got.Warnings, func(w string) bool {
				return strings.Contains(w, "least-margin")
			})
			if says != (got.Margin > own) {
				t.Errorf("least margin %v: %s: margin %.2f instead of %.2f, warnings %q", c.least, got.Name(),
					got.Margin, own, got.Warnings)
			}
		}
	}
	in.LeastMargin = -1
	if _, err := Judge(in); err == nil {
		t.Error("a negative least margin was taken")
	}
}

// With ties the joint law of several comparisons can be more lenient than the law
// behind the interval: a regression whose interval holds 1 would contradict itself.
func TestTiesDoNotContradictTheInterval(t *testing.T) {
	differences := []float64{.3, .3, .3, .3, .3, 0, 0, 0}
	rows := make([]series, 3)
	comparisons := make([]Comparison, 3)
	for i := range rows {
		rows[i].units = differences
		comparisons[i] = Comparison{Gating: true, Units: 8, PSlow: stats.NewWalsh(differences).PAbove(0)}
	}
	adjust(comparisons, rows)
	for _, c := range comparisons {
		if c.PAdjusted < c.PSlow {
			t.Errorf("the adjusted p value %v is below the plain one, %v", c.PAdjusted, c.PSlow)
		}
	}
}

// A margin that is a time becomes a share of the baseline's median trial, and is stored with
// the design as it was given.
func TestMarginsInTime(t *testing.T) {
	const slowdown = 1.2 // of 10, 20 and 30 ms: 2, 4 and 6 ms
	in := run(Full(), 15, func(_ int, p *Pair) { p.Candidate = p.Candidate.slower(slowdown) })
	in.Margins = []Margin{{Time: 3 * time.Millisecond}, {Quantile: .95, Time: 5 * time.Millisecond},
		{Quantile: .99, Fraction: .5}}
	for name, design := range map[string]Design{
		"as given": in.Design, "as stored": in.Resolved([]string{"token"}, []float64{.5, .95, .99}),
	} {
		in.Design = design
		v, err := Judge(in)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []float64{.3, .25, .5} {
			if c := v.Comparisons[i]; math.Abs(c.Margin-want) > .02 || c.Decision != Pass || len(c.Warnings) > 1 {
				t.Errorf("%s: %s: %s at a margin of %.3f, warnings %q; want a pass at %v", name, c.Name(), c.Decision,
					c.Margin, c.Warnings, want)
			}
		}
	}
	for _, odd := range []Margin{{}, {Fraction: .1, Time: time.Second}, {Time: -1}} {
		in.Margins = []Margin{odd}
		if _, err := Judge(in); err == nil {
			t.Errorf("the margin %+v was taken", odd)
		}
	}
}
