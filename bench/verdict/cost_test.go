package verdict

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// dearPairs are quick's pairs of equal response times whose candidate spends factor times as
// much CPU; noise is the standard deviation of a trial's cost.
func dearPairs(r *rand.Rand, n int, factor, noise float64) []Pair {
	pairs := quickPairs(r, n, 0)
	for i := range pairs {
		draw := func(mean float64) []Cost {
			return []Cost{{"cpu", mean * math.Exp(noise*r.NormFloat64())}, {"statements", 3}}
		}
		pairs[i].Baseline.Costs, pairs[i].Candidate.Costs = draw(.002), draw(.002*factor)
	}
	return pairs
}

func costInput(pairs []Pair, gates ...string) Input {
	in := Input{Design: Design{Profile: Quick()}, Pairs: pairs}
	for _, k := range Costs {
		rule := CostRule{Name: k.Name, Margin: k.Margin}
		for _, g := range gates {
			rule.Gate = rule.Gate || g == k.Name
		}
		in.Costs = append(in.Costs, rule)
	}
	return in
}

func disturbAll(pairs []Pair) []Pair {
	for i := range pairs {
		pairs[i].Baseline.Disturbed = []string{"other programs"}
	}
	return pairs
}

func TestCosts(t *testing.T) {
	rng := func() *rand.Rand { return rand.New(rand.NewPCG(7, 7)) }
	stolen := func(pairs []Pair) []Pair {
		for i := range pairs[:3] {
			pairs[i].Candidate.CostsDisturbed = []string{"the hypervisor"}
		}
		return pairs
	}
	grown := func(pairs []Pair) []Pair { // a statement more where there were none
		for i := range pairs {
			pairs[i].Baseline.Costs[1].PerRequest, pairs[i].Candidate.Costs[1].PerRequest = 0, 1
		}
		return pairs
	}
	traces := func(pairs []Pair) []Pair { // a row here and there, of background work
		for i := range pairs {
			pairs[i].Baseline.Costs[1].PerRequest, pairs[i].Candidate.Costs[1].PerRequest = 0, .002
		}
		return pairs
	}
	for _, c := range []struct {
		what string
		in   Input
		want Decision
		why  string
	}{
		{"equal costs", costInput(dearPairs(rng(), 8, 1, .01)), Pass, ""},
		{"equal costs, one of which gates", costInput(dearPairs(rng(), 8, 1, .01), "cpu"), Pass, ""},
		{"a third more CPU", costInput(dearPairs(rng(), 8, 1.3, .01)), Regression, "server CPU per request"},
		{"a third more on a machine that others use", costInput(disturbAll(dearPairs(rng(), 8, 1.3, .01)), "cpu"),
			Regression, "server CPU per request"},
		{"the same on such a machine", costInput(disturbAll(dearPairs(rng(), 8, 1, .01)), "cpu"), Invalid, "disturbed"},
		{"a change within the margin", costInput(dearPairs(rng(), 8, 1.03, .005)), Pass, ""},
		{"a cost too noisy to tell, as a sentinel", costInput(dearPairs(rng(), 8, 1, .2)), Pass, ""},
		{"the same as a gate", costInput(dearPairs(rng(), 8, 1, .2), "cpu"), Inconclusive, "server CPU per request"},
		{"a gate that no server tells of", costInput(dearPairs(rng(), 8, 1, .01), "rows"), Inconclusive,
			"rows written per request was not told"},
		{"pairs that do not count for costs", costInput(stolen(dearPairs(rng(), 8, 1.3, .01))), Pass, ""},
		{"statements where there were none", costInput(grown(dearPairs(rng(), 8, 1, .01))), Regression, "statements"},
		{"traces of statements", costInput(traces(dearPairs(rng(), 8, 1, .01))), Pass, ""},
		{"too few pairs", costInput(dearPairs(rng(), 5, 1.3, .01)), Inconclusive, "5 of 8"},
	} {
		v, err := Judge(c.in)
		if err != nil || v.Decision != c.want || !strings.Contains(strings.Join(v.Reasons, "\n"), c.why) {
			t.Errorf("%s: %s %q, %v; want %s because of %q", c.what, v.Decision, v.Reasons, err, c.want, c.why)
		}
	}
	interrupted := costInput(dearPairs(rng(), 8, 1.3, .01))
	interrupted.Interrupted = true
	if v, _ := Judge(interrupted); v.Decision != Inconclusive {
		t.Errorf("interrupted: %s; want nothing decided", v.Decision)
	}
	odd := costInput(nil)
	odd.Costs = append(odd.Costs, CostRule{Name: "patience", Margin: .1})
	if _, err := Judge(odd); err == nil || !strings.Contains(err.Error(), "patience") {
		t.Errorf("an unknown cost: %v", err)
	}
}

// A cost that drifts decides nothing, for a version was still warming up in it; the others, whose
// series are steady, decide as ever.
func TestOneDriftingCostSuspendsItselfAlone(t *testing.T) {
	drifting := func(twice float64, gates ...string) Input {
		in := costInput(nil, gates...)
		in.Profile = CI()
		r := rand.New(rand.NewPCG(5, 9))
		in.Pairs = quiet95.epochs(r, 15, .95, 1)
		for i := range in.Pairs {
			warm := 1 + .5*math.Exp(-float64(in.Pairs[i].Epoch)/5) // The candidate spends less and less CPU.
			cpu := func(mean float64) Cost { return Cost{"cpu", mean * math.Exp(.01*r.NormFloat64())} }
			in.Pairs[i].Baseline.Costs = []Cost{cpu(.002), {"statements", 2}}
			in.Pairs[i].Candidate.Costs = []Cost{cpu(.002 * warm), {"statements", 2 * twice}}
		}
		return in
	}
	for _, c := range []struct {
		what   string
		in     Input
		want   Decision
		reason string
	}{
		{"twice the statements", drifting(2), Regression, "statements per request is ×2.000"},
		{"equal statements", drifting(1), Pass, ""},
		{"equal statements, which gate", drifting(1, "statements"), Pass, ""},
		{"the drifting cost gates", drifting(1, "cpu"), Inconclusive,
			"server CPU per request: the candidate was still " +
				"warming up"},
		{"it gates beside twice the statements", drifting(2, "cpu"), Regression, "statements per request is ×2.000"},
	} {
		v, err := Judge(c.in)
		if err != nil || v.Decision != c.want || !strings.Contains(strings.Join(v.Reasons, "\n"), c.reason) {
			t.Errorf("%s: %s %q, %v; want %s because of %q", c.what, v.Decision, v.Reasons, err, c.want, c.reason)
		}
		if words := strings.Join(v.Warnings, "\n"); !strings.Contains(words,
			"server CPU per request: the candidate was "+
				"still warming up") {
			t.Errorf("%s: the drift is not said: %q", c.what, words)
		}
		for _, one := range v.Costs {
			if one.Name() == "server CPU per request" && one.Decision != Inconclusive {
				t.Errorf("%s: the cost that drifts is %s", c.what, one.Decision)
			}
		}
	}
}

// What is said of response times stands first where both are worse.
func TestCostsStandBehindResponseTimes(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	pairs := dearPairs(r, 8, 1.3, .01)
	for i, slow := range quickPairs(r, 8, .8) {
		pairs[i].Baseline.Operations = slow.Baseline.Operations
		pairs[i].Candidate.Operations = slow.Candidate.Operations
	}
	v, err := Judge(costInput(pairs))
	if err != nil || v.Decision != Regression || !strings.Contains(v.Reasons[0], "token") ||
		!strings.Contains(v.Reasons[len(v.Reasons)-1], "server CPU") {
		t.Errorf("%s %q, %v; want response times, then the cost", v.Decision, v.Reasons, err)
	}
}

// Costs as noisy as response times raise no more false alarms than the level, and those
// that scatter by one per cent practically none; then a pass waits for nothing.
func TestCostsOfEqualVersions(t *testing.T) {
	const runs = 400
	for _, c := range []struct {
		noise float64
		most  int
	}{{.01, 0}, {.10, runs / 20}} {
		r := rand.New(rand.NewPCG(11, 11))
		regressions, gated := 0, 0
		for range runs {
			v, err := Judge(costInput(dearPairs(r, 8, 1, c.noise), "cpu"))
			if err != nil {
				t.Fatal(err)
			}
			for _, one := range v.Costs {
				if one.Decision == Regression {
					regressions++
				}
				if one.Gating && one.Decision == Pass {
					gated++
				}
			}
		}
		if regressions > c.most {
			t.Errorf("noise %v: %d of %d runs of equal versions were convicted by a cost; want at most %d", c.noise,
				regressions, runs, c.most)
		}
		if c.noise == .01 && gated < runs*99/100 {
			t.Errorf("a gate on CPU passed in %d of %d runs of equal versions", gated, runs)
		}
	}
}
