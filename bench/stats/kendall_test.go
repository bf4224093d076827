package stats

import (
	"math"
	"testing"
)

// orders calls visit with every order of 1 to n.
func orders(n int, visit func([]float64)) {
	var extend func(done []float64, left []float64)
	extend = func(done, left []float64) {
		if len(left) == 0 {
			visit(done)
			return
		}
		for i := range left {
			rest := append(append([]float64(nil), left[:i]...), left[i+1:]...)
			extend(append(append([]float64(nil), done...), left[i]), rest)
		}
	}
	var all []float64
	for i := range n {
		all = append(all, float64(i+1))
	}
	extend(nil, all)
}

// Each p value is the share of all orders that rise, or fall, at least as much.
func TestTrendAgreesWithEnumeration(t *testing.T) {
	rises := func(values []float64) (n int) {
		for j := range values {
			for i := range j {
				if values[j] > values[i] {
					n++
				}
			}
		}
		return n
	}
	for n := 2; n <= 6; n++ {
		counts := map[int]int{}
		total := 0
		orders(n, func(order []float64) { counts[rises(order)]++; total++ })
		orders(n, func(order []float64) {
			up, down := 0, 0
			for k, c := range counts {
				if k >= rises(order) {
					up += c
				}
				if k <= rises(order) {
					down += c
				}
			}
			pRising, pFalling := Trend(order)
			wantUp, wantDown := float64(up)/float64(total), float64(down)/float64(total)
			if math.Abs(pRising-wantUp) > 1e-12 || math.Abs(pFalling-wantDown) > 1e-12 {
				t.Fatalf("Trend(%v) = %v, %v; want %v, %v", order, pRising, pFalling, wantUp, wantDown)
			}
		})
	}
}

// What never changes, and what is too short, has no trend.
func TestTrendOfNothing(t *testing.T) {
	for _, values := range [][]float64{nil, {1}, {2, 2, 2, 2, 2, 2, 2, 2}} {
		if up, down := Trend(values); up < .5 || down < .5 {
			t.Errorf("Trend(%v) = %v, %v; want no trend", values, up, down)
		}
	}
}
