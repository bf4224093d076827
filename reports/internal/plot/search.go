package plot

import (
	"cmp"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/capacity"
	"github.com/oauthbench/oauthbench/bench/capacity/searches"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/search"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// SearchFigures draw response time against offered rate, a panel for each limit on times,
// with the certified rate marked: the knee.
func SearchFigures(s *search.Search, sz size) []Figure {
	f := Figure{
		Name: "capacity", Title: "Response time against offered rate", size: sz,
		Caption: "Each point is a trial; those that missed a limit are crosses, or hollow where the chart can be " +
			"pointed at. Upright line: the certified rate; shaded, in the still picture: the 90 % interval of the " +
			"rate at which half of trials hold. Level line: the limit. The lowest rate is that of control trials.",
	}
	high := highestRate(s)
	for _, l := range s.Timed() {
		points := s.Points(l)
		if len(points) == 0 {
			continue
		}
		f.panels = append(f.panels, curvePanel(s, l, points, high, sz))
	}
	if len(f.panels) == 0 {
		return nil
	}
	for _, side := range s.Sides {
		name := string(side.Role)
		if !sz.narrow {
			name = shortName(plaintext.Line(side.Deployment), 26)
		}
		f.key = append(f.key, keyEntry{name, roleColor(side.Role), roleGlyph(side.Role)})
	}
	f.panels[0].title += ": response time"
	f.panels[len(f.panels)-1].plot.X.Label.Text = "offered requests per second, all operations together"
	return []Figure{f}
}

// highestRate is that of all trials.
func highestRate(s *search.Search) float64 {
	high := 0.0
	for _, l := range s.Timed() {
		for _, p := range s.Points(l) {
			high = max(high, p.Rate)
		}
	}
	return high
}

// curvePanel is one operation's response time.
func curvePanel(s *search.Search, l verdict.SLO, points []search.Point, high float64, sz size) panel {
	limit, _ := l.Longest()
	p := newPlot()
	slowest, fastest := units.Milliseconds(limit), units.Milliseconds(limit)
	for _, side := range s.Sides {
		p.Add(knee{side})
		var held, failed []point
		for _, pt := range points {
			if pt.Role != side.Role {
				continue
			}
			slowest, fastest = max(slowest, pt.Millis), min(fastest, pt.Millis)
			at := point{pt.Rate, pt.Millis}
			if pt.Held {
				held = append(held, at)
			} else {
				failed = append(failed, at)
			}
		}
		p.Add(stroke{medians(points, side.Role), line(roleColor(side.Role), 1.4)},
			dots{points: held, role: side.Role}, crosses{failed, side.Role})
	}
	p.Add(rule{units.Milliseconds(limit), "limit " + units.Duration(limit), line(ink("bad"), 1, 4, 3)})
	logAxis(&p.Y, fastest, slowest, 5, units.TickMilliseconds)
	ticks := 8
	if sz.narrow {
		ticks = 5
	}
	zeroAxis(&p.X, high*1.03, ticks, units.TickNumber)
	return panel{
		title: units.Clip(plaintext.Line(l.Operation+" "+l.Metric), 40), plot: p, height: 190, right: 10,
		chart: func() *Chart { return curveChart(s, l, points, p) },
	}
}

// medians are the middle of the trials of each rate.
func medians(points []search.Point, role bench.Role) []point {
	at := map[float64][]float64{}
	for _, p := range points {
		if p.Role == role {
			at[p.Rate] = append(at[p.Rate], p.Millis)
		}
	}
	var line []point
	for rate, values := range at {
		slices.Sort(values)
		line = append(line, point{rate, values[len(values)/2]})
	}
	slices.SortFunc(line, func(a, b point) int {
		if a.x < b.x {
			return -1
		}
		return 1
	})
	return line
}

// crosses marks trials that failed.
type crosses struct {
	points []point
	role   bench.Role
}

func (x crosses) Plot(c draw.Canvas, p *plot.Plot) {
	trX, trY := p.Transforms(&c)
	sty := draw.GlyphStyle{Color: roleColor(x.role), Radius: 4.5, Shape: cross{}}
	for _, pt := range x.points {
		c.DrawGlyphNoClip(sty, vg.Point{X: trX(pt.x), Y: trY(pt.y)})
	}
}

// knee marks the certified rate of a side and the interval of its half rate.
type knee struct{ side searches.Searched }

func (k knee) Plot(c draw.Canvas, p *plot.Plot) {
	trX, _ := p.Transforms(&c)
	colour := roleColor(k.side.Role)
	clamp := func(v float64) vg.Length { return trX(min(max(v, p.X.Min), p.X.Max)) }
	if curve := k.side.Curve; curve != nil {
		from, to := clamp(curve.Half.Low), clamp(curve.Half.High)
		c.FillPolygon(faint(colour, .13), []vg.Point{{X: from, Y: c.Min.Y}, {X: to, Y: c.Min.Y}, {X: to, Y: c.Max.Y},
			{X: from, Y: c.Max.Y}})
		c.StrokeLine2(line(faint(colour, .5), .75), from, c.Min.Y, from, c.Max.Y)
		c.StrokeLine2(line(faint(colour, .5), .75), to, c.Min.Y, to, c.Max.Y)
	}
	if k.side.Rate <= 0 {
		return
	}
	x := clamp(k.side.Rate)
	c.StrokeLine2(line(colour, 1.2, 5, 3), x, c.Min.Y, x, c.Max.Y)
	words := style(9, colour, true)
	words.XAlign, words.YAlign = draw.XRight, draw.YTop
	y := c.Max.Y - 3
	if k.side.Role == bench.Baseline {
		y -= 12
	}
	c.FillText(words, vg.Point{X: x - 4, Y: y}, kneeWord(k.side)+" "+units.Rate(k.side.Rate))
}

// kneeWord says what the marked rate is.
func kneeWord(side searches.Searched) string {
	if side.Ending == capacity.Certified {
		return "certified"
	}
	return "held"
}

// curveChart is one panel for the script.
func curveChart(s *search.Search, l verdict.SLO, points []search.Point, p *plot.Plot) *Chart {
	limit, _ := l.Longest()
	c := &Chart{
		Title: plaintext.Line(l.Operation + " " + l.Metric), X: axisOf(p.X, "offered requests per second", unitRate),
		Y: axisOf(p.Y, "response time", unitMillis), Rules: []mark{{brief(units.Milliseconds(limit)), "limit"}},
	}
	for _, side := range s.Sides {
		name := plaintext.Line(side.Deployment)
		c.Columns = append(c.Columns, column{Label: name + " held", Colour: string(side.Role), Style: filled},
			column{Label: name + " failed", Colour: string(side.Role), Style: hollow})
		if side.Rate > 0 {
			c.Marks = append(c.Marks, mark{brief(side.Rate), kneeWord(side)})
		}
		if side.Ending == capacity.Unfinished && side.Above > 0 {
			c.Marks = append(c.Marks, mark{brief(side.Above), "failed"})
		}
	}
	slices.SortStableFunc(c.Marks, func(a, b mark) int { return cmp.Compare(a.At, b.At) })
	for _, pt := range points {
		ys := slices.Repeat([]number{missing}, len(c.Columns))
		i := 2 * s.Searched(pt.Role)
		if !pt.Held {
			i++
		}
		ys[i] = brief(pt.Millis)
		c.row(units.Round(pt.Rate, 3), ys...)
	}
	return c
}
