package stats

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestHolm(t *testing.T) {
	for _, c := range []struct{ p, want []float64 }{
		{[]float64{.01, .04, .03, .005}, []float64{.03, .06, .06, .02}},
		{[]float64{.5, .9}, []float64{1, 1}},
		{[]float64{.02}, []float64{.02}},
		{[]float64{.01, .01, .01}, []float64{.03, .03, .03}},
		{nil, []float64{}},
	} {
		got := Holm(c.p)
		if !slices.EqualFunc(got, c.want, near) {
			t.Errorf("Holm(%v) = %v; want %v", c.p, got, c.want)
		}
	}
}

// Holm's adjusted value of p_i is the smallest alpha at which the step-down
// procedure, written out, rejects it.
func TestHolmIsTheStepDownProcedure(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 300 {
		p := make([]float64, 1+r.IntN(6))
		for i := range p {
			p[i] = r.Float64() * r.Float64()
		}
		for i, adjusted := range Holm(p) {
			for _, alpha := range []float64{.01, .05, .2} {
				if got := rejectedByHolm(p, alpha)[i]; got != (adjusted <= alpha) {
					t.Fatalf("p=%v alpha=%v: comparison %d rejected=%v, adjusted %v", p, alpha, i, got, adjusted)
				}
			}
		}
	}
}

func rejectedByHolm(p []float64, alpha float64) []bool {
	rejected := make([]bool, len(p))
	for left := len(p); left > 0; left-- {
		best := -1
		for i := range p {
			if !rejected[i] && (best < 0 || p[i] < p[best]) {
				best = i
			}
		}
		if p[best]*float64(left) > alpha {
			break
		}
		rejected[best] = true
	}
	return rejected
}
