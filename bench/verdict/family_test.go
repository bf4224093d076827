package verdict

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func judged(t *testing.T, in Input) Verdict {
	t.Helper()
	v, err := Judge(in)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Six pairs that all agree have p = 1/64: enough for three candidates, not for four.
func TestFamilyCorrectsForItsNumber(t *testing.T) {
	slow := judged(t, run(sixPairs(), 6, slowAll(1.5)))
	fast := judged(t, run(sixPairs(), 6, slowAll(.9)))
	if slow.Decision != Regression || fast.Decision != Pass {
		t.Fatalf("alone %s and %s", slow.Decision, fast.Decision)
	}
	for _, c := range []struct {
		of   Verdict
		n    int
		want Decision
	}{{fast, 1, Pass}, {fast, 3, Pass}, {fast, 4, Inconclusive}, {slow, 1, Regression}, {slow, 5, Inconclusive}} {
		var all []Verdict
		for range c.n {
			all = append(all, c.of)
		}
		for _, v := range Family(all) {
			if v.Decision != c.want {
				t.Errorf("%s among %d: %s; want %s (%q)", c.of.Decision, c.n, v.Decision, c.want, v.Reasons)
			}
			if c.want == Inconclusive && !strings.Contains(v.Reasons[0], "after correction for their number") {
				t.Errorf("reasons %q do not say why", v.Reasons)
			}
		}
		if all[0].Decision != c.of.Decision || len(all[0].Reasons) != len(c.of.Reasons) {
			t.Error("the verdicts given were changed")
		}
	}
}

// What needs no p value stands among any number.
func TestFamilyLeavesWrongAnswersAlone(t *testing.T) {
	wrong := judged(t, run(sixPairs(), 6, func(_ int, p *Pair) {
		p.Candidate = p.Candidate.slower(1.5).failing(1, invalid)
	}))
	failing := judged(t, run(sixPairs(), 6, func(_ int, p *Pair) { p.Candidate = p.Candidate.failing(200, timeout) }))
	var all []Verdict
	for range 10 {
		all = append(all, wrong, failing)
	}
	for i, v := range Family(all) {
		if v.Decision != Regression {
			t.Errorf("%d: %s (%q); want regression", i, v.Decision, v.Reasons)
		}
	}
}

// Of five candidates that are all slower by the margin, any passes in at most 5 % of
// families: what a user who takes the first that passed is promised.
func TestFamilyHoldsItsLevel(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	families, most := 400, 33 // 5 % of 400 are 20, with a standard deviation of 4.4.
	if testing.Short() {
		families, most = 80, 10 // of 80: 4 and 1.9
	}
	const candidates = 5
	misled, alone := 0, 0
	for range families {
		var vs []Verdict
		for range candidates {
			in := Input{Design: Design{Profile: Full(), Gates: []Gate{{"token", .95}}},
				Pairs: quiet95.epochs(r, Full().Planned(), .95, 1.10)}
			vs = append(vs, judged(t, in))
		}
		passes := func(vs []Verdict) bool {
			for _, v := range vs {
				if v.Decision == Pass {
					return true
				}
			}
			return false
		}
		if passes(vs) {
			alone++
		}
		if passes(Family(vs)) {
			misled++
		}
	}
	if misled > most {
		t.Errorf("%d of %d families have a pass that should not be (%d without correction)", misled, families, alone)
	}
	if alone <= misled {
		t.Errorf("%d without correction, %d with it: nothing was corrected", alone, misled)
	}
}

func TestWorst(t *testing.T) {
	for _, c := range []struct {
		of   []Decision
		want Decision
	}{
		{nil, ""}, {[]Decision{Pass}, Pass}, {[]Decision{Pass, Inconclusive, Pass}, Inconclusive},
		{[]Decision{Inconclusive, Regression, Invalid}, Regression}, {[]Decision{Pass, Invalid, Inconclusive}, Invalid},
	} {
		if got := Worst(c.of...); got != c.want {
			t.Errorf("worst of %q is %q; want %q", c.of, got, c.want)
		}
	}
}
