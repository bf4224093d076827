package plot

import (
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg/draw"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// percentileFigures shows, for each operation, response time by percentile: both
// versions, every trial as a thin line, all together as a bold one.
func percentileFigures(s *summary.Summary, sz size) []Figure {
	var figs []Figure
	names := summary.FileNames(s)
	for i, op := range s.Operations {
		p, ok := percentilePanel(s, op, sz)
		if !ok {
			continue
		}
		figs = append(figs, Figure{
			Name:  "percentiles-" + names[i],
			Title: units.Clip(plaintext.Line(op.Name), 60) + ": response time by percentile",
			Caption: "Each further nine takes the same room; both axes are logarithmic. Bold: all valid trials " +
				"together, up to the slowest request; thin, in the still picture: single trials.",
			size:   sz,
			panels: []panel{p},
		})
	}
	return figs
}

func percentilePanel(s *summary.Summary, op summary.Operation, sz size) (panel, bool) {
	p := newPlot()
	var labels endLabels
	low, high, right := math.Inf(1), 0.0, 1.0
	// A page of many operations and trials stays small enough to load.
	most := max(3, min(24, 120/len(s.Operations)))
	if sz.narrow {
		most = (most + 1) / 2
	}
	for i, m := range op.Sides {
		if m.Response.Count() == 0 {
			continue
		}
		role := s.Sides[i].Role
		trials := s.Sides[i].Valid
		stride := (len(trials) + most - 1) / most
		for k := 0; k < len(trials); k += stride {
			if one := trials[k].Measurement(op.Name); one != nil && m.Trials > 1 {
				pts := percentileCurve(one.Response)
				p.Add(stroke{pts, line(faint(roleColor(role), .28), .75)})
				low, high, right = extend(pts, low, high, right)
			}
		}
		pts := percentileCurve(m.Response)
		low, high, right = extend(pts, low, high, right)
		last := pts[len(pts)-1]
		p.Add(stroke{pts, line(roleColor(role), 2.2)}, dots{points: []point{last}, role: role})
		labels = append(labels, endLabel{last.x, last.y, versionLabel(s, s.Sides[i], sz), roleColor(role)})
	}
	if labels == nil {
		return panel{}, false
	}
	p.Add(labels)
	logAxis(&p.Y, low, high, 7, units.TickMilliseconds)
	p.X.Min, p.X.Max = 0, right
	p.X.Tick.Marker = plot.ConstantTicks(ninesTicks(right, sz.narrow))
	p.X.Label.Text = "percentile of all requests"
	p.X.Label.TextStyle.XAlign = draw.XCenter
	return panel{title: "response time (logarithmic)", plot: p, height: 250, right: labels.room(),
		chart: func() *Chart { return percentileChart(s, op, p) }}, true
}

// percentileChart is the same for the script: the bold curves, sampled evenly in
// nines and at the quantiles that tables show, as far as each version's count goes.
func percentileChart(s *summary.Summary, op summary.Operation, p *plot.Plot) *Chart {
	c := &Chart{Title: plaintext.Line(op.Name), X: axisOf(p.X, "percentile of all requests", unitNines),
		Y: axisOf(p.Y, "response time", unitMillis)}
	var at []float64
	for _, q := range summary.Headlines {
		at = append(at, nines(q))
	}
	for _, m := range op.Sides {
		if n := m.Response.Count(); n > 0 {
			at = append(at, math.Log10(float64(n))) // the slowest
		}
	}
	named := slices.Clone(at)
	for x := 0.0; x < float64(c.X.Max); x += .05 {
		// A pointer at a named quantile must not catch a neighbour.
		if !slices.ContainsFunc(named, func(v float64) bool { return math.Abs(v-x) < .03 }) {
			at = append(at, x)
		}
	}
	slices.Sort(at)
	at = slices.CompactFunc(at, func(a, b float64) bool { return math.Abs(a-b) < 1e-6 })
	qs := make([]float64, len(at))
	for i, x := range at {
		qs[i] = min(1-math.Pow(10, -x), 1)
		c.At = append(c.At, number(units.Round(x, 5)))
	}
	for i, m := range op.Sides {
		n := m.Response.Count()
		if n == 0 {
			continue
		}
		c.Columns = append(c.Columns, column{Label: plaintext.Line(summary.Called(s, s.Sides[i])),
			Colour: string(s.Sides[i].Role), Style: bold})
		var ys values
		for k, v := range m.Response.Quantiles(qs...) {
			y := missing
			switch end := math.Log10(float64(n)); {
			case math.Abs(at[k]-end) < 1e-6:
				y = brief(units.Milliseconds(m.Response.Max()))
			case at[k] < end:
				y = brief(units.Milliseconds(v))
			}
			ys = append(ys, y)
		}
		c.Values = append(c.Values, ys)
	}
	return c
}

// percentileCurve samples a histogram evenly in nines, up to the last percentile that
// its count supports; there it ends with the maximum. Values are milliseconds. Empty
// for an empty histogram.
func percentileCurve(h *bench.Histogram) []point {
	n := h.Count()
	if n == 0 {
		return nil
	}
	end := math.Log10(float64(n))
	var qs []float64
	for _, q := range []float64{0, .002, .01, .03, .06} { // the line leaves the minimum steeply
		if nines(q) < end {
			qs = append(qs, q)
		}
	}
	for x := .05; x < end-1e-9; x += .05 {
		qs = append(qs, 1-math.Pow(10, -x))
	}
	pts := make([]point, 0, len(qs)+1)
	for i, v := range h.Quantiles(qs...) {
		pts = append(pts, point{nines(qs[i]), units.Milliseconds(v)})
	}
	return append(pts, point{end, units.Milliseconds(h.Max())})
}

func extend(pts []point, low, high, right float64) (float64, float64, float64) {
	for _, p := range pts {
		low, high, right = min(low, p.y), max(high, p.y), max(right, p.x)
	}
	return low, high, right
}
