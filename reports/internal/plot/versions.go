package plot

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// versionsFigure sets the versions of one run side by side.
func versionsFigure(s *summary.Summary, sz size) []Figure {
	var f versionBars
	for _, x := range s.Sides {
		f.versions = append(f.versions, barVersion{versionLabel(s, x, sz), x.Role})
	}
	for _, op := range s.Operations {
		g := barGroup{operation: op.Name}
		for _, x := range s.Sides {
			g.values = append(g.values, summary.Locate(x.Valid, op.Name, summary.ShownTails...))
		}
		f.groups = append(f.groups, g)
	}
	return f.figure("versions", "P95 and P99 of each version", sz)
}

// versionBars are quantiles of response time by operation and version.
type versionBars struct {
	versions []barVersion
	groups   []barGroup
}

type barVersion struct {
	name string
	role bench.Role // It decides the colour.
}

type barGroup struct {
	operation string
	values    [][]summary.Located // by version, then as shownTails
}

// figure draws a panel of lying bars for each operation, on an axis of its own that
// begins at 0: operations differ by factors that one axis would not show.
func (v versionBars) figure(name, title string, sz size) []Figure {
	f := Figure{
		Name:  name,
		Title: title,
		Caption: "Bars: response time of all trials that count together, from 0; each operation has its own axis. " +
			"Whiskers: 90 % interval, from how much the trials differ (delete-a-group jackknife); versions were not " +
			"compared by it: see the ratio. A whisker that ends in an arrow goes on.",
		size: sz,
	}
	for _, g := range v.groups {
		var rows bars
		longest := 0.0
		for k, q := range summary.ShownTails {
			for i, version := range v.versions {
				if i >= len(g.values) || g.values[i][k].Value == 0 {
					continue
				}
				r := BarRow{name: verdict.Percentile(q) + "  " + version.name, Located: g.values[i][k],
					role: version.role, first: i == 0 && k > 0, brief: sz.narrow}
				rows = append(rows, r)
				longest = max(longest, units.Milliseconds(r.Value))
			}
		}
		if len(rows) == 0 {
			continue
		}
		p := newPlot()
		p.Y.Min, p.Y.Max = -.6, float64(len(rows))-.4
		var labels []plot.Tick
		most := longest
		for i := range rows {
			rows[i].y = float64(len(rows) - 1 - i)
			labels = append(labels, plot.Tick{Value: rows[i].y, Label: rows[i].name})
			if rows[i].Known() {
				// One trial gone mad must not flatten the bars.
				most = max(most, min(units.Milliseconds(rows[i].High), 1.6*longest))
			}
		}
		p.Y.Tick.Marker = plot.ConstantTicks(labels)
		p.Y.Tick.Label.Color = ink("ink")
		ticks := 7
		if sz.narrow {
			ticks = 4
		}
		zeroAxis(&p.X, most, ticks, units.TickMilliseconds)
		p.Add(rows)
		f.panels = append(f.panels, panel{title: units.Clip(plaintext.Line(g.operation), 40), plot: p,
			height: vg.Length(len(rows))*17 + 30, right: rows.room()})
	}
	if len(f.panels) == 0 {
		return nil
	}
	f.panels[0].title += ": response time"
	return []Figure{f}
}

// BarRow is one bar.
type BarRow struct {
	name string
	summary.Located
	role  bench.Role
	first bool // of a quantile: a gap is above it
	brief bool // words without the interval, which the whiskers show
	y     float64
}

type bars []BarRow

const barThickness vg.Length = 9

// Words stand right of a bar.
func (r BarRow) Words() string {
	if r.brief || !r.Known() {
		return units.Duration(r.Value)
	}
	return units.Duration(r.Value) + " [" + units.Duration(r.Low) + ", " + units.Duration(r.High) + "]"
}

func (b bars) room() vg.Length {
	var w vg.Length
	for _, r := range b {
		w = max(w, style(10, ink("ink"), false).Width(r.Words()))
	}
	return w + 14
}

func (b bars) Plot(c draw.Canvas, p *plot.Plot) {
	trX, trY := p.Transforms(&c)
	x := func(ms float64) vg.Length { return trX(min(max(ms, 0), p.X.Max)) }
	for _, r := range b {
		y, half := trY(r.y), barThickness/2
		end := x(units.Milliseconds(r.Value))
		col := roleColor(r.role)
		corners := []vg.Point{{X: x(0), Y: y - half}, {X: end, Y: y - half}, {X: end, Y: y + half},
			{X: x(0), Y: y + half}}
		fill := faint(col, .85)
		if r.role == bench.Baseline {
			fill = faint(col, .22) // the baseline is hollow, for those who see no colours
		}
		c.FillPolygon(ink("paper"), corners) // no grid shines through
		c.FillPolygon(fill, corners)
		c.StrokeLines(line(col, 1.2), append(corners, corners[0]))
		if r.Known() {
			low, high := x(units.Milliseconds(r.Low)), x(units.Milliseconds(r.High))
			whisker := line(ink("ink"), 1.2)
			c.StrokeLine2(whisker, low, y, high, y)
			c.StrokeLine2(whisker, low, y-3, low, y+3)
			if units.Milliseconds(r.High) > p.X.Max {
				c.StrokeLines(whisker, []vg.Point{{X: high - 4, Y: y + 4}, {X: high, Y: y}, {X: high - 4, Y: y - 4}})
			} else {
				c.StrokeLine2(whisker, high, y-3, high, y+3)
			}
		}
		words := style(10, ink("ink"), false)
		words.YAlign = draw.YCenter
		c.FillText(words, vg.Point{X: c.Max.X + 8, Y: y + 2}, r.Words())
		if r.first {
			c.StrokeLine2(line(ink("grid"), .75), c.Min.X, trY(r.y+.5), c.Max.X, trY(r.y+.5))
		}
	}
}
