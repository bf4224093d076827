package plot

import (
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

// pairsFigure shows the ratio of each pair: what the comparison is made of, before
// any statistics.
func pairsFigure(s *summary.Summary, sz size) []Figure {
	f := Figure{
		Name:  "pairs",
		Title: "Ratio of response times, pair by pair",
		Caption: "Each pair is two adjacent trials with the same schedule, so that what disturbs both cancels. Above " +
			"the line at ×1 the candidate was slower. Upright lines separate epochs. Only pairs of two valid " +
			"trials are shown.",
		size:    sz,
		Columns: "three",
	}
	for _, op := range s.Operations {
		pairs := summary.PairRatios(s, op.Name)
		if len(pairs) == 0 {
			continue
		}
		p := newPlot()
		p.Add(pairMarks(pairs), rule{1, "", line(ink("muted"), 1)})
		low, high := 1.0, 1.0
		for _, pr := range pairs {
			for _, v := range pr.Ratios {
				if v > 0 && !math.IsInf(v, 0) {
					low, high = min(low, v), max(high, v)
				}
			}
		}
		logAxis(&p.Y, low, high, 5, func(v float64) string { return "×" + units.TickNumber(v) })
		p.X.Min, p.X.Max = -.6, float64(len(pairs))-.4
		most := 24
		if sz.narrow {
			most = 10
		}
		stride := (len(pairs) + most - 1) / most
		var ticks []plot.Tick
		for i := 0; i < len(pairs); i += stride {
			ticks = append(ticks, plot.Tick{Value: float64(i), Label: strconv.Itoa(pairs[i].Pair + 1)})
		}
		p.X.Tick.Marker = plot.ConstantTicks(ticks)
		f.panels = append(f.panels, panel{title: units.Clip(plaintext.Line(op.Name), 40), plot: p, height: 120,
			right: 4, chart: func() *Chart { return pairsChart(op, pairs, p) }})
	}
	if len(f.panels) == 0 {
		return nil
	}
	for i, q := range summary.Headlines {
		f.key = append(f.key, keyEntry{verdict.Percentile(q), ink("ink"), pairGlyphs[i]})
	}
	f.panels[0].title += ": ratio (log)"
	f.panels[len(f.panels)-1].plot.X.Label.Text = "pair"
	return []Figure{f}
}

func pairsChart(op summary.Operation, pairs []summary.PairRatio, p *plot.Plot) *Chart {
	c := &Chart{Title: plaintext.Line(op.Name), X: axisOf(p.X, "pair", unitCount),
		Y: axisOf(p.Y, "candidate / baseline", unitRatio), Rules: []mark{{1, ""}}}
	// Positions count from 0 in the picture; readers count pairs from 1.
	c.X.Min, c.X.Max = c.X.Min+1, c.X.Max+1
	for i := range c.X.Ticks {
		c.X.Ticks[i].At++
	}
	for i, q := range summary.Headlines {
		colour, style := []string{"muted", "ink", "ink"}[i], []string{hollow, filled, hollow}[i]
		c.Columns = append(c.Columns, column{Label: verdict.Percentile(q), Colour: colour, Style: style})
	}
	for i, pr := range pairs {
		var ys []number
		for _, v := range pr.Ratios {
			ys = append(ys, bound(v))
		}
		c.row(float64(i+1), ys...)
		if i > 0 && pr.Epoch != pairs[i-1].Epoch {
			c.Marks = append(c.Marks, mark{number(i) + .5, "epoch " + strconv.Itoa(pr.Epoch+1)})
		}
	}
	return c
}

var pairGlyphs = []draw.GlyphDrawer{ring{}, draw.CircleGlyph{}, draw.PyramidGlyph{}}

type pairMarks []summary.PairRatio

func (m pairMarks) Plot(c draw.Canvas, p *plot.Plot) {
	trX, trY := p.Transforms(&c)
	for i, pr := range m {
		if i > 0 && pr.Epoch != m[i-1].Epoch {
			x := trX(float64(i) - .5)
			c.StrokeLine2(line(ink("grid"), 1), x, c.Min.Y, x, c.Max.Y)
		}
	}
	radius := vg.Length(3)
	if len(m) > 30 {
		radius = 2
	}
	at := func(i, k int) vg.Point {
		return vg.Point{X: trX(float64(i) + .22*float64(k-1)), Y: trY(m[i].Ratios[k])}
	}
	for i, pr := range m {
		for k := range pr.Ratios {
			c.StrokeLine2(line(faint(ink("muted"), .5), .75), at(i, k).X, trY(1), at(i, k).X, at(i, k).Y)
		}
	}
	for k := range summary.Headlines {
		for i := range m {
			c.DrawGlyphNoClip(draw.GlyphStyle{Color: ink("ink"), Radius: radius, Shape: pairGlyphs[k]}, at(i, k))
		}
	}
}
