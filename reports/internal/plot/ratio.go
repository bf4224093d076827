package plot

import (
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// ratioFigure is a forest plot: a row for each comparison with its interval, and the
// margin that it must stay below.
func ratioFigure(s *summary.Summary, sz size) []Figure {
	rows := ratioRows(s)
	if len(rows) == 0 {
		return nil
	}
	p := newPlot()
	low, high := 1.0, 1.0
	var labels []plot.Tick
	for i, r := range rows {
		y := float64(len(rows) - 1 - i)
		rows[i].y = y
		for _, v := range []float64{r.low, r.high, r.estimate, r.limit} {
			if v > 0 && !math.IsInf(v, 0) {
				low, high = min(low, v), max(high, v)
			}
		}
		labels = append(labels, plot.Tick{Value: y, Label: r.name})
	}
	want := 8
	if sz.narrow {
		want = 5
	}
	logAxis(&p.X, low, high, want, func(v float64) string { return "×" + units.TickNumber(v) })
	p.Y.Min, p.Y.Max = -.7, float64(len(rows))-.3
	p.Y.Tick.Marker = plot.ConstantTicks(labels)
	p.Y.Tick.Label.Color = ink("ink")
	p.X.Label.Text = "candidate / baseline (logarithmic): left is faster, right is slower"
	if sz.narrow {
		p.X.Label.Text = "candidate / baseline (log)"
	}
	p.Add(forest(rows))
	var right vg.Length
	for _, r := range rows {
		right = max(right, style(10, ink("ink"), false).Width(r.words)+10)
	}
	if sz.narrow {
		right = 8
	}
	for i := range rows {
		rows[i].silent = sz.narrow
	}
	dotted := ""
	if slices.ContainsFunc(rows, func(r ratioRow) bool { return r.convicts > 0 }) {
		dotted = "; dotted line: from where on an estimate convicts"
	}
	return []Figure{{
		Name:  "ratio",
		Title: "Response time of the candidate against the baseline",
		Caption: "Dot: estimated ratio; bar: 90 % interval; short upright line: the margin that the interval must " +
			"stay below to pass" + dotted + ". Undecided comparisons (~) are hollow.",
		size: sz,
		panels: []panel{{title: "ratio of response times", plot: p, height: vg.Length(len(rows))*20 + 50,
			right: right}},
	}}
}

// ratioRow is one comparison as the forest shows it.
type ratioRow struct {
	name                       string
	estimate, low, high, limit float64 // ratios; NaN, 0 or +Inf where unknown
	convicts                   float64 // the ratio from which it convicts where that is below limit, else 0
	words                      string
	hollow                     bool
	silent                     bool // no words at the right
	y                          float64
}

func ratioRows(s *summary.Summary) []ratioRow {
	var rows []ratioRow
	for _, op := range s.Operations {
		for _, r := range op.Rows {
			c := r.Comparison
			if c == nil {
				continue
			}
			words := summary.Both(c) + " " + summary.DecisionWords(c)
			rows = append(rows, ratioRow{
				name:     units.Clip(plaintext.Line(op.Name), 24) + " " + r.Label,
				estimate: c.Ratio.Estimate, low: c.Ratio.Low, high: c.Ratio.High,
				limit: 1 + c.Margin, convicts: convictsFrom(c), words: words, hollow: !summary.Decided(c),
			})
		}
	}
	return rows
}

// convictsFrom is the ratio from which a comparison convicts where that is below its margin, else 0.
func convictsFrom(c *verdict.Comparison) float64 {
	if c.Convicts > 0 {
		return 1 + c.Convicts
	}
	return 0
}

type forest []ratioRow

func (f forest) Plot(c draw.Canvas, p *plot.Plot) {
	trX, trY := p.Transforms(&c)
	// An unknown bound ends at the edge of the picture, with an arrow.
	x := func(v, edge float64) (at vg.Length, open bool) {
		if !(v >= p.X.Min && v <= p.X.Max) {
			return trX(edge), true
		}
		return trX(v), false
	}
	c.StrokeLine2(line(ink("muted"), 1), trX(1), c.Min.Y, trX(1), c.Max.Y)
	for _, r := range f {
		y := trY(r.y)
		words := style(10, ink("ink"), false)
		words.YAlign = draw.YCenter
		if !r.silent {
			c.FillText(words, vg.Point{X: c.Max.X + 8, Y: y + 2}, r.words)
		}
		if r.limit > 0 {
			m, _ := x(r.limit, p.X.Max)
			c.StrokeLine2(line(ink("bad"), 1.5), m, y-6, m, y+6)
		}
		if m, beyond := x(r.convicts, p.X.Max); r.convicts > 0 && !beyond {
			c.StrokeLine2(line(ink("bad"), .75, 2, 2), m, y-6, m, y+6)
		}
		if math.IsNaN(r.estimate) || r.estimate <= 0 {
			continue
		}
		col := ink("candidate")
		low, lowOpen := x(r.low, p.X.Min)
		high, highOpen := x(r.high, p.X.Max)
		c.StrokeLine2(line(col, 2), low, y, high, y)
		for _, end := range []struct {
			x    vg.Length
			open bool
			dir  vg.Length
		}{{low, lowOpen, 1}, {high, highOpen, -1}} {
			if end.open {
				c.StrokeLines(line(col, 2), []vg.Point{{X: end.x + 4*end.dir, Y: y + 4}, {X: end.x, Y: y},
					{X: end.x + 4*end.dir, Y: y - 4}})
			}
		}
		at := vg.Point{X: trX(r.estimate), Y: y}
		if r.hollow {
			c.DrawGlyphNoClip(draw.GlyphStyle{Color: ink("paper"), Radius: 4, Shape: draw.CircleGlyph{}}, at)
			c.DrawGlyphNoClip(draw.GlyphStyle{Color: col, Radius: 4, Shape: ring{}}, at)
		} else {
			c.DrawGlyphNoClip(draw.GlyphStyle{Color: col, Radius: 4, Shape: draw.CircleGlyph{}}, at)
		}
	}
}
