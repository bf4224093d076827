package verdict

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// session draws the trials of one version at one time: n epochs of 4, or n trials.
func session(r *rand.Rand, p Profile, n int, shift, noise float64) []Single {
	var trials []Single
	per := p.PairsPerEpoch
	for e := range n {
		for range per {
			t := trial("token", .95, shift+noise*r.NormFloat64(), 1000)
			trials = append(trials, Single{Epoch: e, Trial: t})
		}
	}
	return trials
}

func apart(p Profile, n int, shift, noise float64, seed uint64) Apart {
	r := rand.New(rand.NewPCG(seed, 5))
	return Apart{Design: Design{Profile: p}, Baseline: session(r, p, n, 0, noise),
		Candidate: session(r, p, n, shift, noise)}
}

func TestJudgeApart(t *testing.T) {
	quiet := func(shift float64) Apart { return apart(sixPairs(), 6, math.Log(shift), .01, 1) }
	with := func(a Apart, change func(*Apart)) Apart { change(&a); return a }
	fail := func(trials []Single, n int) {
		for _, s := range trials {
			s.Trial.Operations[0].Counts = Counts{Arrivals: 1000, OK: 1000 - n, Timeout: n}
		}
	}
	for _, c := range []struct {
		what   string
		in     Apart
		want   Decision
		reason string
	}{
		{"two percent slower", quiet(1.02), Pass, "within the margin"},
		{"clearly faster", quiet(.7), Pass, "faster"},
		{"clearly slower", quiet(1.3), Regression, "token P95 is ×1."},
		{"slower beyond chance, yet not clearly beyond the margin", apart(sixPairs(), 6, math.Log(1.12), .05, 1),
			Inconclusive, "cannot be told"},
		{"epochs count once each", apart(Full(), 8, math.Log(1.3), .01, 1), Regression, "token P95"},
		{"the trials of one start are one observation", apart(Full(), 2, math.Log(1.3), .01, 1), Inconclusive,
			"2 epochs on one side"},
		{"three of each: 1 in 20 is just enough to acquit", apart(sixPairs(), 3, 0, .01, 1), Pass, ""},
		{"two of each: no order is rare enough", apart(sixPairs(), 2, math.Log(9), .01, 1), Inconclusive,
			"cannot be told from 2 pairs"},
		{"nothing to compare with", with(quiet(1), func(a *Apart) { a.Baseline = nil }), Invalid, "no trial"},
		{"a wrong answer of the candidate", with(quiet(.5), func(a *Apart) {
			a.Candidate[2].Trial.Operations[0].Counts = Counts{Arrivals: 1000, OK: 999, Invalid: 1}
		}), Regression, "wrong"},
		{"a wrong answer while warming up", with(quiet(1), func(a *Apart) {
			a.Loose = []Loose{{Side: Candidate,
				Trial: Trial{Operations: []Observation{{Operation: "token", Counts: Counts{Arrivals: 1, Invalid: 1}}}}}}
		}), Regression, "wrong"},
		{"a failing candidate", with(quiet(1), func(a *Apart) {
			for i := range a.Candidate {
				a.Candidate[i].Trial.Operations[0].Counts = Counts{Arrivals: 1000, OK: 980, Rejected: 20}
			}
		}), Regression, "failed 120 of 6000"},
		{"a baseline that never answered", with(quiet(.001), func(a *Apart) { fail(a.Baseline, 1000) }), Invalid,
			"none of the baseline's 6000 requests"},
		{"both mostly failed alike: the time-out twice",
			with(quiet(1), func(a *Apart) { fail(a.Baseline, 500); fail(a.Candidate, 500) }), Inconclusive,
			"is a failed request on both sides"},
		{"a listed gate with too few requests", with(quiet(1), func(a *Apart) {
			a.Gates = []Gate{{"token", .95}}
			for _, s := range append(a.Baseline, a.Candidate...) {
				s.Trial.Operations[0].Counts = Counts{Arrivals: 30, OK: 30}
			}
		}), Inconclusive, "token P95 needs 100 requests a trial and had 30"},
		{"a busy machine", with(quiet(1), func(a *Apart) {
			for i := range 3 {
				a.Candidate[i].Trial.Disturbed = []string{"other programs"}
			}
		}), Invalid, "3 of the candidate's 6 trials"},
		{"another machine may not acquit", with(quiet(1), func(a *Apart) { a.Machine = .7 }), Inconclusive,
			"the machine has changed"},
		{"nor convict", with(quiet(1.3), func(a *Apart) { a.Machine = 1.4 }), Inconclusive, "1.40 times"},
		{"the same machine", with(quiet(1), func(a *Apart) { a.Machine = 1.1 }), Pass, ""},
		{"interrupted", with(quiet(1), func(a *Apart) { a.Interrupted = true }), Inconclusive, "interrupted"},
		{"a gate that was never measured",
			with(quiet(1), func(a *Apart) { a.Gates = []Gate{{"token", .95}, {"revoke", .95}} }), Inconclusive,
			"revoke P95 was not measured"},
		{"a missed SLO", with(quiet(1), func(a *Apart) { a.SLOs = []SLO{mustSLO("token achieved >= 99%")} }),
			Inconclusive, "no such figure"},
	} {
		v, err := JudgeApart(c.in)
		if err != nil || v.Decision != c.want || !strings.Contains(strings.Join(v.Reasons, "\n"), c.reason) {
			t.Errorf("%s: %s %q, %v; want %s with %q", c.what, v.Decision, v.Reasons, err, c.want, c.reason)
		}
		if len(v.Notes) == 0 || v.Notes[0] != ApartNote {
			t.Errorf("%s: notes %q; want the doubt first", c.what, v.Notes)
		}
	}
}

func mustSLO(text string) SLO {
	s, err := ParseSLO(text)
	if err != nil {
		panic(err)
	}
	return s
}

// What the rule is for: a session that is as a whole half a margin slower is never a
// regression, and a candidate at the margin passes as seldom as the level says.
func TestJudgeApartErrs(t *testing.T) {
	const runs = 400
	counts := func(shift float64) (regressions, passes int) {
		for i := range runs {
			v, err := JudgeApart(apart(sixPairs(), 6, shift, .04, uint64(i)))
			if err != nil {
				t.Fatal(err)
			}
			switch v.Decision {
			case Regression:
				regressions++
			case Pass:
				passes++
			}
		}
		return regressions, passes
	}
	for _, c := range []struct {
		what                    string
		factor                  float64
		mostRegressions, leastP int
		mostPasses              int
	}{
		{"equal", 1, 2, 320, runs},
		{"a session 5 % slower", 1.05, 4, 0, runs},
		{"at the margin", 1.10, runs * 7 / 100, 0, runs * 7 / 100},
	} {
		regressions, passes := counts(math.Log(c.factor))
		t.Logf("%s: %d regressions and %d passes of %d", c.what, regressions, passes, runs)
		if regressions > c.mostRegressions || passes < c.leastP || passes > c.mostPasses {
			t.Errorf("%s: %d regressions and %d passes of %d", c.what, regressions, passes, runs)
		}
	}
	if regressions, _ := counts(math.Log(1.3)); regressions < runs*9/10 {
		t.Errorf("a candidate 30 %% slower is found %d times of %d", regressions, runs)
	}
}
