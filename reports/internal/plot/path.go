package plot

import (
	"fmt"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// pathFigure shows how each deciding ratio became known: the ratio of every unit, and
// the interval that narrows as units are added.
func pathFigure(s *summary.Summary, sz size) []Figure {
	f := Figure{
		Name:  "path",
		Title: "The ratio, as it became known",
		Caption: "Dots: candidate / baseline of each unit (an epoch or a pair) alone. Line and shade: the estimate " +
			"and its 90 % interval over all units so far. Dashed: the margin that the interval must stay below to " +
			"pass. Dotted uprights: planned looks, the only places where a decision is made. Only comparisons that " +
			"decide are shown.",
		size:    sz,
		Columns: "two",
	}
	unit := string(s.Verdict.Unit)
	for _, path := range s.Paths {
		c := s.Comparison(path.Operation, path.Quantile)
		if c == nil || !c.Gating || len(path.Steps) < 2 {
			continue
		}
		name := plaintext.Line(path.Operation) + " " + verdict.Percentile(path.Quantile)
		p := newPlot()
		n := len(path.Steps)
		if planned := s.Verdict.Planned; planned > n && planned <= 2*n {
			n = planned // what was not needed is seen as room
		}
		low, high := 1.0, 1+c.Margin
		for _, st := range path.Steps {
			low, high = min(low, st.Ratio, st.SoFar.Estimate), max(high, st.Ratio, st.SoFar.Estimate)
			for _, v := range []float64{st.SoFar.Low, st.SoFar.High} {
				if v > 0 && !math.IsInf(v, 0) {
					low, high = min(low, v), max(high, v)
				}
			}
		}
		logAxis(&p.Y, low, high, 5, func(v float64) string { return "×" + units.TickNumber(v) })
		p.X.Min, p.X.Max = .5, float64(n)+.5
		p.X.Tick.Marker = plot.ConstantTicks(countTicks(n, sz))
		p.Add(narrowing{path.Steps}, rule{1, "", line(ink("muted"), 1)},
			rule{1 + c.Margin, "margin", line(ink("bad"), 1, 4, 3)})
		if from := convictsFrom(c); from > 0 {
			p.Add(rule{from, "", line(ink("bad"), 1, 1, 3)})
		}
		f.panels = append(f.panels, panel{title: units.Clip(name, 40), plot: p, height: 130, right: 4,
			chart: func() *Chart { return pathChart(name, unit, c, path, p) }})
	}
	if len(f.panels) == 0 {
		return nil
	}
	f.panels[0].title += ": ratio (log)"
	f.panels[len(f.panels)-1].plot.X.Label.Text = unit + "s so far"
	return []Figure{f}
}

func pathChart(name, unit string, c *verdict.Comparison, path verdict.Path, p *plot.Plot) *Chart {
	data := &Chart{
		Title: name, X: axisOf(p.X, unit+"s so far", unitCount), Y: axisOf(p.Y, "candidate / baseline", unitRatio),
		Columns: []column{
			{Label: "this " + unit, Colour: "muted", Style: filled},
			{Label: "estimate so far", Colour: "candidate", Style: bold},
			{Label: "upper bound", Colour: "candidate", Style: edge},
			{Label: "lower bound", Colour: "candidate", Style: edge},
		},
		Band:  []int{2, 3},
		Rules: []mark{{number(1 + c.Margin), fmt.Sprintf("margin ×%s", units.Factor(1+c.Margin))}, {1, ""}},
	}
	if from := convictsFrom(c); from > 0 {
		data.Rules = append(data.Rules, mark{number(from), fmt.Sprintf("convicts from ×%s", units.Factor(from))})
	}
	for i, st := range path.Steps {
		data.row(float64(st.Units), bound(st.Ratio), bound(st.SoFar.Estimate), bound(st.SoFar.High),
			bound(st.SoFar.Low))
		if st.Look {
			data.Marks = append(data.Marks, mark{number(i + 1), "look"})
		}
	}
	return data
}

// countTicks number 1 to n, as many as fit.
func countTicks(n int, sz size) []plot.Tick {
	most := 24
	if sz.narrow {
		most = 10
	}
	stride := (n + most - 1) / most
	var ticks []plot.Tick
	for i := 1; i <= n; i += stride {
		ticks = append(ticks, plot.Tick{Value: float64(i), Label: strconv.Itoa(i)})
	}
	return ticks
}

// narrowing draws the steps of one path.
type narrowing struct{ steps []verdict.Step }

func (d narrowing) Plot(c draw.Canvas, p *plot.Plot) {
	trX, trY := p.Transforms(&c)
	var upper, lower, estimate []vg.Point
	for _, st := range d.steps {
		x := trX(float64(st.Units))
		if st.Look {
			c.StrokeLine2(line(ink("muted"), .75, 1.5, 2.5), x, c.Min.Y, x, c.Max.Y)
		}
		estimate = append(estimate, vg.Point{X: x, Y: trY(st.SoFar.Estimate)})
		if st.SoFar.Low > 0 && !math.IsInf(st.SoFar.High, 0) {
			upper = append(upper, vg.Point{X: x, Y: trY(st.SoFar.High)})
			lower = append([]vg.Point{{X: x, Y: trY(st.SoFar.Low)}}, lower...)
		}
	}
	if len(upper) > 1 {
		c.FillPolygon(faint(ink("candidate"), .16), append(upper, lower...))
	} else if len(upper) == 1 {
		c.StrokeLine2(line(ink("candidate"), 1.5), upper[0].X, lower[0].Y, upper[0].X, upper[0].Y)
	}
	c.StrokeLines(line(ink("candidate"), 2), estimate)
	for i, st := range d.steps {
		c.DrawGlyphNoClip(draw.GlyphStyle{Color: ink("muted"), Radius: 2.5, Shape: draw.CircleGlyph{}},
			vg.Point{X: estimate[i].X, Y: trY(st.Ratio)})
	}
}
