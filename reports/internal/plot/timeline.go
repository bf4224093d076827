package plot

import (
	"image/color"
	"math"
	"slices"
	"time"

	"gonum.org/v1/plot"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// timelineFigure shows response time second by second along the whole run, a panel
// for each operation.
func timelineFigure(s *summary.Summary, sz size) []Figure {
	lanes := layTrials(s.Run, s.InComparison)
	f := Figure{
		Name:  "timeline",
		Title: "Response time and achieved rate over the run",
		Caption: "For each second of intended starts: bold P95, thin P50; below, " + rateWords(lanes) +
			". Trials stand in the order they ran, lead-in included; the pauses between them are cut out. " +
			"Grey: warm-up; a cross: excluded from the comparison, by itself or with its pair.",
		size: sz,
	}
	most := 4000 // points of the figure
	if sz.narrow {
		most = 2000
	}
	for _, op := range s.Operations {
		p := newPlot(trialBands(lanes))
		low, high := math.Inf(1), 0.0
		fine, bold := map[color.NRGBA][]stroke{}, map[color.NRGBA][]stroke{} // lines of one style together
		for _, l := range lanes {
			m := l.trial.Measurement(op.Name)
			if m == nil {
				continue
			}
			c := roleColor(l.trial.Role)
			if l.trial.Warmup {
				c = ink("muted")
			}
			seconds := thin(m.Timeline, max(2, most/len(s.Operations)/len(lanes)))
			p50 := secondPoints(seconds, l, func(s bench.Second) time.Duration { return s.P50 })
			p95 := secondPoints(seconds, l, func(s bench.Second) time.Duration { return s.P95 })
			fine[c] = append(fine[c], stroke{p50, line(faint(c, .6), .9)})
			bold[c] = append(bold[c], stroke{p95, line(c, 2)})
			for _, pts := range [][]point{p50, p95, secondPoints(seconds, l, func(s bench.Second) time.Duration {
				return s.P99 // A reader can ask for it.
			})} {
				low, high, _ = extend(pts, low, high, 0)
			}
		}
		if high == 0 {
			continue
		}
		for _, lines := range []map[color.NRGBA][]stroke{fine, bold} {
			for _, name := range []string{"muted", "baseline", "candidate"} {
				for _, l := range lines[ink(name)] {
					p.Add(l)
				}
			}
		}
		logAxis(&p.Y, low, high, 5, units.TickMilliseconds)
		laneAxis(&p.X, lanes, sz)
		f.panels = append(f.panels, panel{title: units.Clip(plaintext.Line(op.Name), 40), plot: p, height: 150,
			right: 4, chart: func() *Chart { return timelineChart(s, lanes, op, p) }})
	}
	if len(f.panels) == 0 {
		return nil
	}
	f.key = versionKey(s, sz)
	f.panels[0].title += ": response time (log)"
	if p, ok := ratePanel(s, lanes, sz); ok {
		f.panels = append(f.panels, p)
	}
	f.panels[len(f.panels)-1].plot.X.Label.Text = laneLabel(lanes)
	return []Figure{f}
}

// timelineChart is one panel for the script; nil when no trial but warm-ups has data.
func timelineChart(s *summary.Summary, lanes []lane, op summary.Operation, p *plot.Plot) *Chart {
	c := &Chart{
		Title: plaintext.Line(op.Name), X: axisOf(p.X, laneLabel(lanes), unitSeconds),
		Y:     axisOf(p.Y, "response time", unitMillis),
		Spans: spans(lanes), Marks: epochMarks(lanes), Sync: "time",
	}
	for _, x := range s.Sides {
		name, role := plaintext.Line(summary.Called(s, x)), string(x.Role)
		c.Columns = append(c.Columns, column{Label: name + " P50", Colour: role, Style: fine},
			column{Label: name + " P95", Colour: role, Style: bold},
			column{Label: name + " P99", Colour: role, Style: dashed, Hidden: true})
	}
	c.Columns = append(c.Columns, column{Label: "P95 of warm-ups", Colour: "muted", Style: fine})
	measured := false
	for _, l := range lanes {
		m, side := l.trial.Measurement(op.Name), s.Index(l.trial.Role)
		if m == nil || side < 0 {
			continue
		}
		for _, sec := range thin(m.Timeline, max(2, 5000/len(s.Operations)/len(lanes))) {
			if sec.Outcomes.Total() == 0 {
				continue
			}
			ys := slices.Repeat([]number{missing}, len(c.Columns))
			for k, v := range []time.Duration{sec.P50, sec.P95, sec.P99} {
				switch {
				case v == 0:
				case !l.trial.Warmup:
					ys[3*side+k] = brief(units.Milliseconds(v))
					measured = true
				case v == sec.P95:
					ys[len(ys)-1] = brief(units.Milliseconds(v))
				}
			}
			c.row(units.Round(l.middle(sec.At), 3), ys...)
		}
		c.row(units.Round(l.start+l.length+.005, 3)) // nothing joins two trials
	}
	if !measured {
		return nil
	}
	c.dropEmptyColumns()
	return c
}

// secondPoints are the seconds that have arrivals, in the middle of each, in
// milliseconds.
func secondPoints(seconds []bench.Second, l lane, of func(bench.Second) time.Duration) []point {
	var pts []point
	for _, s := range seconds {
		if s.Outcomes.Total() > 0 && of(s) > 0 {
			pts = append(pts, point{l.middle(s.At), units.Milliseconds(of(s))})
		}
	}
	if len(pts) == 1 { // a line needs two ends
		pts = []point{{pts[0].x - .4, pts[0].y}, {pts[0].x + .4, pts[0].y}}
	}
	return pts
}

// thin keeps the worst second of each stretch, so that a long run has at most about
// want points and no stall is lost.
func thin(seconds []bench.Second, want int) []bench.Second {
	if len(seconds) <= want {
		return seconds
	}
	var out []bench.Second
	for chunk := range slices.Chunk(seconds, (len(seconds)+want-1)/want) {
		worst := chunk[0]
		for _, s := range chunk[1:] {
			if s.P99 > worst.P99 {
				worst = s
			}
		}
		out = append(out, worst)
	}
	return out
}
