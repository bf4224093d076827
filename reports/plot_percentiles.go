package reports

import (
	"math"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"oauthbench/bench"
)

// percentileFigures shows, for each operation, response time by percentile: both
// versions, every trial as a thin line, all together as a bold one.
func percentileFigures(s *summary, sz size) []figure {
	var figs []figure
	names := s.fileNames()
	for i, op := range s.operations {
		p, right := percentilePlot(s, op, sz)
		if p == nil {
			continue
		}
		fig := figure{
			name:    "percentiles-" + names[i],
			title:   clip(plain(op.name), 60) + ": response time by percentile",
			caption: "Each further nine takes the same room. Bold: all valid trials together; thin: single trials; the dot is the slowest request. Both axes are logarithmic.",
			size:    sz,
			panels:  []panel{{title: "response time (logarithmic)", plot: p, height: 250, right: right}},
		}
		if c, ok := percentileChart(s, op); ok {
			fig.series = []chart{c}
		}
		figs = append(figs, fig)
	}
	return figs
}

func percentilePlot(s *summary, op operation, sz size) (*plot.Plot, vg.Length) {
	p := newPlot()
	var labels endLabels
	low, high, right := math.Inf(1), 0.0, 1.0
	// A page of many operations and trials stays small enough to load.
	most := max(3, min(24, 120/len(s.operations)))
	if sz.narrow {
		most = (most + 1) / 2
	}
	for i, m := range op.sides {
		if m.Response.Count() == 0 {
			continue
		}
		role := s.sides[i].role
		trials := s.sides[i].valid
		stride := (len(trials) + most - 1) / most
		for k := 0; k < len(trials); k += stride {
			if one := trials[k].Measurement(op.name); one != nil && m.trials > 1 {
				pts := percentileCurve(one.Response)
				p.Add(stroke{pts, line(faint(roleColor(role), .28), .75)})
				low, high, right = extend(pts, low, high, right)
			}
		}
		pts := percentileCurve(m.Response)
		low, high, right = extend(pts, low, high, right)
		last := pts[len(pts)-1]
		p.Add(stroke{pts, line(roleColor(role), 2.2)}, dots{points: []point{last}, role: role})
		labels = append(labels, endLabel{last.x, last.y, s.label(s.sides[i], sz), roleColor(role)})
	}
	if labels == nil {
		return nil, 0
	}
	p.Add(labels)
	logAxis(&p.Y, low, high, 7, tickMilliseconds)
	p.X.Min, p.X.Max = 0, right
	p.X.Tick.Marker = plot.ConstantTicks(ninesTicks(right, sz.narrow))
	p.X.Label.Text = "percentile of all requests"
	p.X.Label.TextStyle.XAlign = draw.XCenter
	return p, labels.room()
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
		pts = append(pts, point{nines(qs[i]), milliseconds(v)})
	}
	return append(pts, point{end, milliseconds(h.Max())})
}

func extend(pts []point, low, high, right float64) (float64, float64, float64) {
	for _, p := range pts {
		low, high, right = min(low, p.y), max(high, p.y), max(right, p.x)
	}
	return low, high, right
}

// milliseconds is a positive figure for a logarithmic axis: at least a nanosecond.
func milliseconds(d time.Duration) float64 { return float64(max(d, 1)) / float64(time.Millisecond) }

// tickMilliseconds prints a tick given in milliseconds in the unit that suits.
func tickMilliseconds(ms float64) string {
	switch {
	case ms == 0:
		return "0"
	case ms >= 1000:
		return tickNumber(ms/1000) + " s"
	case ms >= 1:
		return tickNumber(ms) + " ms"
	}
	return tickNumber(ms*1000) + " µs"
}

// fileNames are names of the operations that are safe in a file's name and differ.
func (s *summary) fileNames() []string {
	var names []string
	for _, op := range s.operations {
		name := fileName(op.name)
		for slices.Contains(names, name) {
			name += "_"
		}
		names = append(names, name)
	}
	return names
}

// fileName makes the name of an operation safe as part of a file's name.
func fileName(s string) string {
	safe := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '_'
	}, s)
	return safe[:min(len(safe), 80)]
}
