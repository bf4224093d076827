package plot

import (
	"math"
	"strings"

	"gonum.org/v1/plot"
)

// logTicks labels a logarithmic axis from min to max with about want round numbers,
// the densest set that fits. format prints a tick.
func logTicks(min, max float64, want int, format func(float64) string) []plot.Tick {
	var best []float64
	for _, steps := range [][]float64{{1}, {1, 3}, {1, 2, 5}, {1, 1.5, 2, 3, 5, 7}} {
		var at []float64
		for decade := math.Floor(math.Log10(min)); decade <= math.Ceil(math.Log10(max)); decade++ {
			for _, step := range steps {
				if v := step * math.Pow(10, decade); v >= min*(1-1e-9) && v <= max*(1+1e-9) {
					at = append(at, v)
				}
			}
		}
		if len(at) <= want || best == nil {
			best = at
		}
	}
	if len(best) < 3 {
		best = roundNumbers(min, max, want)
	}
	for stride := 2; len(best) > want+1; stride++ {
		var fewer []float64
		for i := 0; i < len(best); i += stride {
			fewer = append(fewer, best[i])
		}
		best = fewer
	}
	var ticks []plot.Tick
	for _, v := range best {
		ticks = append(ticks, plot.Tick{Value: v, Label: format(v)})
	}
	return ticks
}

// roundNumbers are evenly spaced round numbers from min to max, at most want+1.
func roundNumbers(min, max float64, want int) []float64 {
	if !(max > min) || math.IsInf(max-min, 0) {
		return []float64{min}
	}
	step := math.Pow(10, math.Floor(math.Log10((max-min)/float64(want))))
	for _, m := range []float64{1, 2, 5, 10} {
		if (max-min)/(m*step) <= float64(want) {
			step *= m
			break
		}
	}
	var at []float64
	for k := math.Ceil(min/step - 1e-9); k*step <= max*(1+1e-9); k++ {
		at = append(at, k*step)
	}
	return at
}

// logAxis makes a an axis of logarithms over the values, with a margin on both
// sides; floor stands in for what is not positive.
func logAxis(a *plot.Axis, min, max float64, want int, format func(float64) string) {
	if !(min > 0) || math.IsInf(min, 0) {
		min = 1
	}
	if !(max >= min) || math.IsInf(max, 0) {
		max = min
	}
	if max/min < 1.2 {
		min, max = min/1.1, max*1.1
	}
	margin := math.Pow(max/min, .06)
	a.Min, a.Max = min/margin, max*margin
	a.Scale = plot.LogScale{}
	a.Tick.Marker = plot.ConstantTicks(logTicks(a.Min, a.Max, want, format))
}

// zeroAxis makes a an axis from 0 to a round number above max.
func zeroAxis(a *plot.Axis, max float64, want int, format func(float64) string) {
	if !(max > 0) || math.IsInf(max, 0) {
		max = 1
	}
	at := roundNumbers(0, max, want)
	step := at[len(at)-1] - at[len(at)-2]
	if at[len(at)-1] < max {
		at = append(at, at[len(at)-1]+step)
	}
	var ticks []plot.Tick
	for _, v := range at {
		ticks = append(ticks, plot.Tick{Value: v, Label: format(v)})
	}
	a.Min, a.Max = 0, at[len(at)-1]
	a.Tick.Marker = plot.ConstantTicks(ticks)
}

// nines places a quantile on an axis where each further nine takes the same room:
// 0 at 0, P90 at 1, P99 at 2.
func nines(q float64) float64 { return -math.Log10(1 - q) }

// ninesTicks label the axis from P0 up to max, which is in nines.
func ninesTicks(max float64, few bool) []plot.Tick {
	ticks := []plot.Tick{{Value: 0, Label: "min"}, {Value: nines(.5), Label: "P50"}, {Value: 1, Label: "P90"}}
	if !few || max <= 3 {
		ticks = append(ticks, plot.Tick{Value: nines(.95), Label: "P95"})
	}
	for n := 2; float64(n) <= max+1e-9 && n < 10; n++ {
		label := "P99"
		if n > 2 {
			label += "." + strings.Repeat("9", n-2)
		}
		ticks = append(ticks, plot.Tick{Value: float64(n), Label: label})
	}
	return ticks
}
