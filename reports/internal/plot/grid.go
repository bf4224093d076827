package plot

import (
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/grid"
	"github.com/oauthbench/oauthbench/bench/grid/stored"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/units"
	"github.com/oauthbench/oauthbench/reports/internal/varied"
)

// mostMultiples bounds the panels of a grid: the table has all.
const mostMultiples = 12

// GridFigures draw what a grid found as small multiples: along one axis, a panel for each
// combination of the others and for each operation, all of one operation to one scale.
func GridFigures(v *varied.Varied, sz size) []Figure {
	axis := longestAxis(v.Grid)
	f := Figure{
		Name: "grid", Title: "Capacity over " + plaintext.Line(v.Grid[axis].Name), size: sz,
		Caption: "Dots: the rate at which half of the trials hold; upright lines: their 90 % interval. Hollow: only " +
			"known to be so much at the least. All panels have one scale.",
	}
	multiples := []multiple{{"", []string{stored.Capacity}, "capacity, requests per second", zeroUp,
		units.TickNumber, 1}}
	if v.Fixed {
		f.Title = "Response time over " + plaintext.Line(v.Grid[axis].Name)
		f.Caption = "Filled: P95, hollow: P99, with 90 % intervals from how much fresh starts differ; one " +
			"that ends at " +
			"the edge goes on. All panels of an operation have one scale."
		multiples = nil
		for _, operation := range v.Operations() {
			multiples = append(multiples, multiple{operation, stored.Percentiles, plaintext.Line(operation),
				logarithmic, units.TickMilliseconds, 1e-6})
		}
	}
	for _, m := range multiples {
		for _, l := range v.Grid.Lines(axis) {
			if p, ok := m.panel(v, axis, l, sz); ok && len(f.panels) < mostMultiples {
				f.panels = append(f.panels, p)
			}
		}
	}
	if len(f.panels) == 0 {
		return nil
	}
	f.panels[len(f.panels)-1].plot.X.Label.Text = plaintext.Line(v.Grid[axis].Name)
	return []Figure{f}
}

// longestAxis is the one that is drawn along: of numbers if any is, and of the most values.
func longestAxis(g grid.Grid) int {
	best, most := 0, -1
	for i, a := range g {
		n := len(a.Values)
		if _, numbers := a.Numbers(); numbers {
			n += 1000
		}
		if n > most {
			best, most = i, n
		}
	}
	return best
}

// multiple is the panels of one operation.
type multiple struct {
	operation string
	names     []string // of figures, at most two
	title     string
	scale     func(a *plot.Axis, low, high float64, format func(float64) string)
	format    func(float64) string
	factor    float64 // from the figure's unit to the axis's
}

func zeroUp(a *plot.Axis, _, high float64, format func(float64) string) { zeroAxis(a, high, 5, format) }

func logarithmic(a *plot.Axis, low, high float64, format func(float64) string) {
	logAxis(a, low, high, 5, format)
}

// marked is a figure at its place.
type marked struct {
	x, value, low, high float64
	hollow              bool
}

// marks are the figures of a line, by name.
func (m multiple) marks(v *varied.Varied, at []float64, l grid.Line) [][]marked {
	all := make([][]marked, len(m.names))
	for k, i := range l.Cells {
		for n, name := range m.names {
			f := v.Answers[i].Find(m.operation, name)
			if f == nil && name == stored.Capacity {
				f = v.Answers[i].Find("", stored.Certified)
			}
			if f == nil {
				continue
			}
			x := marked{at[k], f.Value * m.factor, 0, 0, n > 0 || f.Bound != ""}
			if f.Known() {
				x.low, x.high = f.Low*m.factor, f.High*m.factor
			}
			all[n] = append(all[n], x)
		}
	}
	return all
}

// panel draws one line; false when it has no figure.
func (m multiple) panel(v *varied.Varied, axis int, l grid.Line, sz size) (panel, bool) {
	at, x := places(v.Grid[axis])
	low, high := math.Inf(1), 0.0
	for _, other := range v.Grid.Lines(axis) {
		for _, series := range m.marks(v, at, other) {
			for _, f := range series {
				low, high = min(low, f.value), max(high, f.value, min(f.high, 2*f.value))
			}
		}
	}
	series := m.marks(v, at, l)
	if !slices.ContainsFunc(series, func(s []marked) bool { return len(s) > 0 }) {
		return panel{}, false
	}
	p := newPlot()
	m.scale(&p.Y, low, high, m.format)
	x(&p.X)
	for n, s := range series {
		p.Add(whiskers{s, vg.Points(5) * vg.Length(n)})
	}
	title := m.title
	if l.Fixed != "" {
		title += ", " + plaintext.Line(l.Fixed)
	}
	// There is no chart for the script: it knows neither a pair of intervals nor a dot that is a bound.
	return panel{title: units.Clip(title, 60), plot: p, height: 130, right: 8}, true
}

// places are where the values of an axis stand, and what makes it the axis of a plot.
func places(a grid.Axis) ([]float64, func(*plot.Axis)) {
	at, numbers := a.Numbers()
	if !numbers {
		at = nil
		for i := range a.Values {
			at = append(at, float64(i))
		}
	}
	least, most := slices.Min(at), slices.Max(at)
	return at, func(x *plot.Axis) {
		var ticks []plot.Tick
		for i, v := range a.Values {
			ticks = append(ticks, plot.Tick{Value: at[i], Label: units.Clip(plaintext.Line(v), 14)})
		}
		if numbers && least > 0 && most/least >= 10 {
			x.Scale, x.Min, x.Max = plot.LogScale{}, least/1.6, most*1.6
		} else {
			margin := max(0.08*(most-least), 1e-9)
			x.Min, x.Max = least-margin, most+margin
		}
		x.Tick.Marker = plot.ConstantTicks(ticks)
	}
}

// whiskers are dots that are joined, with intervals; aside is how far right of their place they stand,
// so that the intervals of two do not cover each other.
type whiskers struct {
	marks []marked
	aside vg.Length
}

func (w whiskers) Plot(c draw.Canvas, p *plot.Plot) {
	trX, trY := p.Transforms(&c)
	colour := roleColor(bench.Candidate)
	x := func(v float64) vg.Length { return trX(v) + w.aside }
	y := func(v float64) vg.Length { return trY(min(max(v, p.Y.Min), p.Y.Max)) }
	var joined []vg.Point
	for _, m := range w.marks {
		joined = append(joined, vg.Point{X: x(m.x), Y: y(m.value)})
		if m.high > 0 {
			c.StrokeLine2(line(ink("muted"), 1.2), x(m.x), y(m.low), x(m.x), y(m.high))
		}
	}
	sty := line(colour, 1.2)
	if len(w.marks) > 0 && w.marks[len(w.marks)-1].hollow {
		sty = line(faint(colour, .5), 1, 4, 3)
	}
	if len(joined) > 1 {
		c.StrokeLines(sty, joined)
	}
	for i, m := range w.marks {
		glyph := draw.GlyphStyle{Color: colour, Radius: 3.2, Shape: draw.CircleGlyph{}}
		if m.hollow {
			c.DrawGlyphNoClip(draw.GlyphStyle{Color: ink("paper"), Radius: 3.2, Shape: draw.CircleGlyph{}}, joined[i])
			glyph.Shape = ring{}
		}
		c.DrawGlyphNoClip(glyph, joined[i])
	}
}
