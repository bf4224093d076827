package reports

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"oauthbench/bench"
)

// timelineFigure shows response time second by second along the whole run, a panel
// for each operation.
func timelineFigure(s *summary, sz size) []figure {
	lanes := layTrials(s.run)
	f := figure{
		name:    "timeline",
		title:   "Response time over the run",
		caption: "For each second of intended starts: bold P50, thin P99. Trials stand in the order they ran, lead-in included; the pauses between them are cut out (white). Grey: warm-up; a cross: excluded from the comparison.",
		size:    sz,
	}
	most := 4000 // points of the figure
	if sz.narrow {
		most = 2000
	}
	for _, op := range s.operations {
		p := newPlot(trialBands(lanes))
		low, high := math.Inf(1), 0.0
		fine, bold := map[color.NRGBA][]stroke{}, map[color.NRGBA][]stroke{} // lines of one style together
		for _, l := range lanes {
			m := l.trial.Measurement(op.name)
			if m == nil {
				continue
			}
			c := roleColor(l.trial.Role)
			if l.trial.Warmup {
				c = ink("muted")
			}
			seconds := thin(m.Timeline, max(2, most/len(s.operations)/len(lanes)))
			p99 := secondPoints(seconds, l.start, func(s bench.Second) time.Duration { return s.P99 })
			p50 := secondPoints(seconds, l.start, func(s bench.Second) time.Duration { return s.P50 })
			fine[c] = append(fine[c], stroke{p99, line(faint(c, .6), .9)})
			bold[c] = append(bold[c], stroke{p50, line(c, 2)})
			low, high, _ = extend(p50, low, high, 0)
			low, high, _ = extend(p99, low, high, 0)
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
		logAxis(&p.Y, low, high, 5, tickMilliseconds)
		end := lanes[len(lanes)-1]
		p.X.Min, p.X.Max = 0, end.start+end.length
		p.X.Tick.Marker = plot.ConstantTicks(laneTicks(lanes, sz))
		f.panels = append(f.panels, panel{title: clip(plain(op.name), 40), plot: p, height: 150, right: 4})
		if c, ok := timelineChart(s, lanes, op); ok {
			f.series = append(f.series, c)
		}
	}
	if len(f.panels) == 0 {
		return nil
	}
	f.key = s.versionKey(sz)
	f.panels[0].title += ": response time (log)"
	f.panels[len(f.panels)-1].plot.X.Label.Text = laneLabel(lanes)
	return []figure{f}
}

// lane is where one trial lies on a common axis, in seconds without pauses.
type lane struct {
	number        int // from 1, in the order of the run
	trial         *bench.Trial
	start, length float64
}

// layTrials lays trials side by side with a small fixed gap.
func layTrials(run *bench.Run) []lane {
	var lanes []lane
	var total float64
	for i := range run.Trials {
		t := &run.Trials[i]
		length := t.Load.Length.Seconds()
		for _, m := range t.Measurements {
			if n := len(m.Timeline); n > 0 {
				length = max(length, m.Timeline[n-1].At.Seconds()+1)
			}
		}
		lanes = append(lanes, lane{number: i + 1, trial: t, length: max(length, 1)})
		total += max(length, 1)
	}
	at := 0.0
	for i := range lanes {
		lanes[i].start = at
		at += lanes[i].length + .01*total/math.Sqrt(float64(len(lanes)))
	}
	return lanes
}

// laneTicks number the trials; short ones, which warm-ups are, have no room for it.
func laneTicks(lanes []lane, sz size) []plot.Tick {
	whole := slices.DeleteFunc(slices.Clone(lanes), func(l lane) bool { return l.trial.Warmup })
	if len(whole) > 0 {
		lanes = whole
	}
	most := 30
	if sz.narrow {
		most = 12
	}
	stride := (len(lanes) + most - 1) / most
	var ticks []plot.Tick
	for i := 0; i < len(lanes); i += stride {
		l := lanes[i]
		ticks = append(ticks, plot.Tick{Value: l.start + l.length/2, Label: strconv.Itoa(l.number)})
	}
	return ticks
}

func laneLabel(lanes []lane) string {
	i := max(0, slices.IndexFunc(lanes, func(l lane) bool { return !l.trial.Warmup }))
	return fmt.Sprintf("trial number (%s each)", duration(lanes[i].trial.Load.Length))
}

// secondPoints are the seconds that have arrivals, in the middle of each, in
// milliseconds.
func secondPoints(seconds []bench.Second, start float64, of func(bench.Second) time.Duration) []point {
	var pts []point
	for _, s := range seconds {
		if s.Outcomes.Total() > 0 && of(s) > 0 {
			pts = append(pts, point{start + s.At.Seconds() + .5, milliseconds(of(s))})
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

// trialBands puts a band behind each trial, topped by a stroke in its version's
// colour, and a cross on those that do not count.
type trialBands []lane

func (b trialBands) Plot(c draw.Canvas, p *plot.Plot) {
	trX, _ := p.Transforms(&c)
	for _, l := range b {
		x0, x1 := trX(l.start), trX(l.start+l.length)
		c.FillPolygon(ink("band"), []vg.Point{{X: x0, Y: c.Min.Y}, {X: x1, Y: c.Min.Y}, {X: x1, Y: c.Max.Y}, {X: x0, Y: c.Max.Y}})
	}
	for _, l := range b {
		x0, x1 := trX(l.start), trX(l.start+l.length)
		col := roleColor(l.trial.Role)
		if l.trial.Warmup {
			col = ink("muted")
		}
		c.StrokeLine2(line(col, 2.5), x0, c.Max.Y, x1, c.Max.Y)
		if len(l.trial.Excluded) > 0 {
			c.DrawGlyphNoClip(draw.GlyphStyle{Color: ink("ink"), Radius: 3.5, Shape: cross{}}, vg.Point{X: (x0 + x1) / 2, Y: c.Max.Y - 8})
		}
	}
}
