package plot

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

// trialPanel is one value for each trial, a dot in its version's glyph; a figure has
// one for each of several quantities.
type trialPanel struct {
	title string
	unit  string
	value func(t *bench.Trial) (v float64, known bool)
	tick  func(float64) string
	log   bool
	limit float64 // a line across when not 0
	words string  // They stand at the limit.
}

// trialPanels draws those panels that have at least one known value.
func trialPanels(s *summary.Summary, sz size, panels []trialPanel) []panel {
	var out []panel
	for _, tp := range panels {
		p := newPlot()
		p.X.Padding = 5 // a dot at 0 stays clear of the labels
		low, high := math.Inf(1), 0.0
		any := false
		for _, x := range s.Sides {
			counting, other := dots{role: x.Role}, dots{role: x.Role, muted: true}
			for i := range s.Run.Trials {
				t := &s.Run.Trials[i]
				v, known := tp.value(t)
				if !known || t.Role != x.Role || math.IsNaN(v) || math.IsInf(v, 0) {
					continue
				}
				any = true
				low, high = min(low, v), max(high, v)
				if !s.InComparison[i] {
					other.points = append(other.points, point{float64(i + 1), v})
				} else {
					counting.points = append(counting.points, point{float64(i + 1), v})
				}
			}
			p.Add(counting, other)
		}
		if !any {
			continue
		}
		if tp.log {
			logAxis(&p.Y, low, high, 5, tp.tick)
		} else {
			zeroAxis(&p.Y, max(high, tp.limit)*1.08, 4, tp.tick)
		}
		if tp.limit > 0 {
			p.Add(rule{tp.limit, tp.words, line(ink("bad"), 1, 4, 3)})
		}
		n := len(s.Run.Trials)
		p.X.Min, p.X.Max = .4, float64(n)+.6
		most := 30
		if sz.narrow {
			most = 12
		}
		stride := (n + most - 1) / most
		var ticks []plot.Tick
		for i := 1; i <= n; i += stride {
			ticks = append(ticks, plot.Tick{Value: float64(i), Label: strconv.Itoa(i)})
		}
		p.X.Tick.Marker = plot.ConstantTicks(ticks)
		out = append(out, panel{title: tp.title, plot: p, height: 110, right: 4, chart: func() *Chart {
			return trialChart(s, tp, p)
		}})
	}
	if len(out) > 0 {
		out[len(out)-1].plot.X.Label.Text = "trial number"
	}
	return out
}

// trialChart is one panel for the script.
func trialChart(s *summary.Summary, tp trialPanel, p *plot.Plot) *Chart {
	data := &Chart{Title: tp.title}
	for _, x := range s.Sides {
		data.Columns = append(data.Columns,
			column{Label: plaintext.Line(summary.Called(s, x)), Colour: string(x.Role), Style: dotStyle(x.Role)})
	}
	data.Columns = append(data.Columns, column{Label: "does not count", Colour: "muted", Style: filled})
	for i := range s.Run.Trials {
		t := &s.Run.Trials[i]
		ys := make([]number, len(data.Columns))
		for k := range ys {
			ys[k] = missing
		}
		if v, known := tp.value(t); known {
			k := s.Index(t.Role)
			if !s.InComparison[i] {
				k = len(ys) - 1
			}
			ys[k] = brief(v)
		}
		data.row(float64(i+1), ys...)
	}
	data.X, data.Y = axisOf(p.X, "trial number", unitTrial), axisOf(p.Y, "", tp.unit)
	if tp.limit > 0 {
		data.Rules = []mark{{number(tp.limit), tp.words}}
	}
	return data
}
