// Package projection takes what something cost at several sizes to a size that was not measured,
// with an interval: numbers in, numbers out. It knows two laws of growth, and says when what was
// measured grows faster than either.
//
// What no measurement at small sizes has cannot be in it: another disk, other programs, and the
// step from what fits in memory to what does not.
package projection

import (
	"fmt"
	"math"
	"slices"

	"github.com/oauthbench/oauthbench/bench/stats"
	"github.com/oauthbench/oauthbench/internal/digits"
)

// Law is how a cost grows with the number of rows n.
type Law int

// Laws: a + b n; a + b n log n, as for what sorts; and what is nothing up to a size and in
// proportion to what is beyond it, as temporary files are.
const (
	Linear Law = iota
	Sorting
	Spilling
)

func (l Law) of(rows float64) float64 {
	if l == Sorting {
		return rows * math.Log2(math.Max(rows, 2))
	}
	return rows
}

// Point is what was measured at one size.
type Point struct {
	Rows float64
	Cost float64 // in any unit
}

// Estimate is what is expected, with an interval.
type Estimate struct {
	Low  float64 `json:"low"`
	Mean float64 `json:"mean"`
	High float64 `json:"high"`
}

// Plus adds up estimates that may be wrong in the same direction: their ends.
func (e Estimate) Plus(o Estimate) Estimate {
	return Estimate{e.Low + o.Low, e.Mean + o.Mean, e.High + o.High}
}

// Fit is a law fitted to points. Errors are taken to be in proportion to what is measured, as
// those of a machine that is now faster and now slower are.
type Fit struct {
	Law      Law
	Constant float64 // a, at least 0 unless the law is Spilling
	PerRow   float64 // b, at least 0
	// Bends tells that the cost of the largest size outgrew the law.
	Bends bool

	line  stats.Linear
	row   func(rows float64) []float64 // row is what the line's coefficients are multiplied with at a size.
	scale float64                      // scale is the law at the largest size, which keeps numbers near 1.
	last  Point
	power float64 // with which it grew between the two largest sizes
	few   bool    // too few sizes spilled: PerRow is that between the two largest
}

// Fewest is how many sizes a law needs.
const Fewest = 3

// Limits of a fit.
const (
	level        = 0.95 // of intervals, two-sided
	rounds       = 5    // of reweighting
	bendPower    = 1.45 // from this power on a cost outgrows its law
	constantPart = 3    // how often the smallest size's cost must be in another's for a power to be told
)

// New fits a law to points of at least three sizes.
func New(law Law, points []Point) (Fit, error) {
	points = slices.Clone(points)
	slices.SortFunc(points, func(a, b Point) int { return int(math.Copysign(1, a.Rows-b.Rows)) })
	sizes := map[float64]bool{}
	for _, p := range points {
		if !(p.Rows >= 0 && p.Cost >= 0) || math.IsInf(p.Rows+p.Cost, 0) {
			return Fit{}, fmt.Errorf("a point of %v rows that cost %v", p.Rows, p.Cost)
		}
		sizes[p.Rows] = true
	}
	if len(sizes) < Fewest {
		return Fit{}, fmt.Errorf("%s: at least %d are needed", digits.Count(len(sizes), "size"), Fewest)
	}
	f := Fit{Law: law, last: points[len(points)-1]}
	if law == Spilling {
		return f, f.spill(points)
	}
	if err := f.solve(points); err != nil {
		return Fit{}, err
	}
	f.power = growth(law, points)
	f.Bends = f.power > bendPower
	return f, nil
}

// spill fits a line to the sizes that spilled, or lays one through the two largest sizes.
func (f *Fit) spill(points []Point) error {
	spilled := slices.DeleteFunc(slices.Clone(points), func(p Point) bool { return p.Cost == 0 })
	sizes := map[float64]bool{}
	for _, p := range spilled {
		sizes[p.Rows] = true
	}
	if len(sizes) >= Fewest {
		return f.solve(spilled)
	}
	f.few = true
	for _, p := range points {
		if p.Rows < f.last.Rows { // the last of these is the largest
			f.PerRow = max(0, f.last.Cost-p.Cost) / (f.last.Rows - p.Rows)
		}
	}
	f.Constant = f.last.Cost - f.PerRow*f.last.Rows
	return nil
}

// solve minimizes relative errors, by what the fit before it expected.
func (f *Fit) solve(points []Point) error {
	expect := make([]float64, len(points))
	for i, p := range points {
		expect[i] = p.Cost
	}
	for range rounds {
		if err := f.weighted(points, expect); err != nil {
			return err
		}
		for i, p := range points {
			expect[i] = f.mean(p.Rows)
		}
	}
	return nil
}

// weighted does one round. A constant or a slope below 0 is 0, and the other is fitted alone.
func (f *Fit) weighted(points []Point, expect []float64) error {
	f.scale = max(f.Law.of(f.last.Rows), 1)
	var y, weights []float64
	for i, p := range points {
		y = append(y, p.Cost)
		weights = append(weights, 1/math.Pow(math.Max(expect[i], floor(expect)), 2))
	}
	fit := func(row func(rows float64) []float64) (err error) {
		var rows [][]float64
		for _, p := range points {
			rows = append(rows, row(p.Rows))
		}
		f.row = row
		f.line, err = stats.FitLinear(rows, y, weights)
		return err
	}
	scaled := func(rows float64) float64 { return f.Law.of(rows) / f.scale }
	if err := fit(func(rows float64) []float64 { return []float64{1, scaled(rows)} }); err != nil {
		return err
	}
	f.Constant, f.PerRow = f.line.Coefficients[0], f.line.Coefficients[1]/f.scale
	switch {
	case f.Constant < 0 && f.Law != Spilling:
		err := fit(func(rows float64) []float64 { return []float64{scaled(rows)} })
		if err != nil {
			return err
		}
		f.Constant, f.PerRow = 0, f.line.Coefficients[0]/f.scale
	case f.PerRow < 0:
		if err := fit(func(float64) []float64 { return []float64{1} }); err != nil {
			return err
		}
		f.Constant, f.PerRow = f.line.Coefficients[0], 0
	}
	return nil
}

// floor keeps a size that cost next to nothing from deciding everything.
func floor(expect []float64) float64 {
	return math.Max(1e-3*slices.Max(expect), math.SmallestNonzeroFloat32)
}

func (f *Fit) mean(rows float64) float64 { return f.Constant + f.PerRow*f.Law.of(rows) }

// growth is the power with which the cost grew between the two largest sizes, beside the law's own.
// What the smallest size cost is taken for its constant part; where that is a large one, a power
// cannot be told, and is 1.
func growth(law Law, points []Point) float64 {
	last := points[len(points)-1]
	i := len(points) - 1
	for i > 0 && points[i].Rows == last.Rows {
		i--
	}
	before, constant := points[i], points[0].Cost
	if before.Rows <= 0 || before.Cost <= constantPart*constant || last.Cost <= before.Cost {
		return 1
	}
	return math.Log((last.Cost-constant)/(before.Cost-constant)) / math.Log(law.of(last.Rows)/law.of(before.Rows))
}

// At is what is expected at a size, for one more measurement there. A cost that bends has as its
// high end what it comes to when it goes on as between the two largest sizes.
func (f Fit) At(rows float64) Estimate {
	x, mean := f.Law.of(rows), math.Max(0, f.mean(rows))
	if f.few {
		inProportion := f.last.Cost * rows / f.last.Rows
		return Estimate{math.Min(mean, inProportion), mean, math.Max(mean, inProportion)}
	}
	low, _, high := f.line.Interval(f.row(rows), (1-level)/2, f.line.Variance()*mean*mean)
	e := Estimate{math.Max(0, low), mean, math.Max(mean, high)}
	if f.Bends && rows > f.last.Rows {
		e.High = math.Max(e.High, f.last.Cost*math.Pow(x/f.Law.of(f.last.Rows), f.power))
	}
	return e
}
