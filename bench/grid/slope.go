package grid

import (
	"math"

	"github.com/oauthbench/oauthbench/bench/stats"
)

// Slope is how a figure changes along an axis.
type Slope struct {
	Axis      string `json:"axis"`
	Fixed     string `json:"fixed,omitempty"` // Fixed names the values of the other axes.
	Operation string `json:"operation,omitempty"`
	Name      string `json:"name"`
	Unit      string `json:"unit"`
	// PerTenfold is the change for each factor of ten, with its 90 % interval.
	PerTenfold float64 `json:"per_tenfold"`
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
	// First is the figure at the least value, by the line.
	First  float64 `json:"first"`
	Cells  int     `json:"cells"`
	Starts int     `json:"starts"` // Starts is how many figures the line rests on.
}

// leastCells and leastSpan are what a slope needs.
const (
	leastCells = 3
	leastSpan  = 10.0
)

// Slopes are those of some figures along every axis that can have one. answers are as
// Grid.Cells.
func (g Grid) Slopes(answers []Answer, names ...string) []Slope {
	var all []Slope
	for axis, a := range g {
		numbers, ok := a.Numbers()
		if !ok || a.Name == Replicas {
			continue
		}
		for _, line := range g.Lines(axis) {
			for _, figure := range figuresOf(answers, line, names) {
				if s, ok := slope(answers, line, numbers, figure); ok {
					s.Axis, s.Fixed = a.Name, line.Fixed
					all = append(all, s)
				}
			}
		}
	}
	return all
}

// figuresOf are the figures with one of some names that any cell of a line has.
func figuresOf(answers []Answer, line Line, names []string) []Figure {
	var all []Figure
	for _, i := range line.Cells {
		for _, f := range answers[i].Figures {
			known := false
			for _, g := range all {
				known = known || g.Is(f.Operation, f.Name)
			}
			for _, name := range names {
				if f.Name == name && !known {
					all = append(all, f)
				}
			}
		}
	}
	return all
}

// slope fits one figure along a line.
func slope(answers []Answer, line Line, numbers []float64, figure Figure) (Slope, bool) {
	s := Slope{Operation: figure.Operation, Name: figure.Name, Unit: figure.Unit}
	var rows [][]float64
	var y, weights []float64
	least, most := math.Inf(1), 0.0
	for k, i := range line.Cells {
		f := answers[i].Find(figure.Operation, figure.Name)
		if f == nil || f.Bound != "" || !(numbers[k] > 0) {
			continue
		}
		starts := f.Starts
		if len(starts) == 0 {
			starts = []float64{f.Value}
		}
		for _, value := range starts {
			rows = append(rows, []float64{1, math.Log10(numbers[k])})
			y, weights = append(y, value), append(weights, 1)
		}
		s.Cells++
		least, most = min(least, numbers[k]), max(most, numbers[k])
	}
	if s.Cells < leastCells || most < leastSpan*least {
		return s, false
	}
	fit, err := stats.FitLinear(rows, y, weights)
	if err != nil {
		return s, false
	}
	s.Starts = len(rows)
	s.Low, s.PerTenfold, s.High = fit.Interval([]float64{0, 1}, 0.05, 0)
	_, s.First, _ = fit.Interval([]float64{1, math.Log10(least)}, 0.05, 0)
	return s, true
}
