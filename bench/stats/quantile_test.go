package stats

import (
	"math"
	"testing"
)

func TestQuantile(t *testing.T) {
	for _, c := range []struct {
		name string
		x    []float64
		p    float64
		want float64
	}{
		{"R: quantile(1:4, .5)", []float64{1, 2, 3, 4}, .5, 2.5},
		{"R: quantile(c(1,2,4,8,16), .9)", []float64{1, 2, 4, 8, 16}, .9, 12.8},
		{"R: quantile(1:10, .95)", []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, .95, 9.55},
		{"minimum", []float64{1, 2}, 0, 1},
		{"maximum", []float64{1, 2}, 1, 2},
		{"single", []float64{7}, .99, 7},
		{"below an infinite value", []float64{1, 2, math.Inf(1)}, .5, 2},
		{"equal values stay exact", []float64{.1, .1, .1, .1}, .37, .1},
	} {
		if got := Quantile(c.x, c.p); !near(got, c.want) {
			t.Errorf("%s: Quantile(%v, %v) = %v; want %v", c.name, c.x, c.p, got, c.want)
		}
	}
	for _, p := range []float64{-.1, 1.1, math.NaN()} {
		if got := Quantile([]float64{1, 2}, p); !math.IsNaN(got) {
			t.Errorf("Quantile(x, %v) = %v; want NaN", p, got)
		}
	}
	if got := Quantile(nil, .5); !math.IsNaN(got) {
		t.Errorf("Quantile(nil, .5) = %v; want NaN", got)
	}
}
