package plot

import (
	"cmp"
	"image/color"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

// endLabels names lines where they end, right of the data, so that no legend is
// needed. Labels that would overlap are pushed apart.
type endLabels []endLabel

type endLabel struct {
	x, y  float64
	text  string
	color color.Color
}

const labelSpacing vg.Length = 12

func (ls endLabels) Plot(c draw.Canvas, p *plot.Plot) {
	sorted := slices.Clone(ls)
	slices.SortFunc(sorted, func(a, b endLabel) int { return cmp.Compare(a.y, b.y) })
	trX, trY := p.Transforms(&c)
	at := make([]vg.Length, len(sorted))
	for i, l := range sorted {
		at[i] = trY(l.y)
	}
	for i := 1; i < len(at); i++ {
		if gap := at[i] - at[i-1]; gap < labelSpacing {
			at[i-1] -= (labelSpacing - gap) / 2
			at[i] += (labelSpacing - gap) / 2
		}
	}
	for i, l := range sorted {
		words := style(10, l.color, true)
		words.YAlign = draw.YCenter
		c.FillText(words, vg.Point{X: trX(l.x) + 7, Y: at[i] + 2}, l.text)
	}
}

// room is the width that the labels need.
func (ls endLabels) room() vg.Length {
	var w vg.Length
	for _, l := range ls {
		w = max(w, style(10, l.color, true).Width(l.text))
	}
	return w + 10
}

// keyEntry explains one glyph.
type keyEntry struct {
	text  string
	color color.NRGBA
	glyph draw.GlyphDrawer
}

// versionKey explains the glyphs of the versions.
func versionKey(s *summary.Summary, sz size) []keyEntry {
	var key []keyEntry
	for _, x := range s.Sides {
		key = append(key, keyEntry{versionLabel(s, x, sz), roleColor(x.Role), roleGlyph(x.Role)})
	}
	return key
}

// versionLabel names a version in a picture: by its role on narrow paper, where two long
// names would not fit.
func versionLabel(s *summary.Summary, x summary.Side, sz size) string {
	if sz.narrow {
		return string(x.Role)
	}
	return shortName(plaintext.Line(summary.Called(s, x)), 26)
}

// shortName is a name of n characters at most, cut in its middle: versions differ at the end of their names, in
// their settings.
func shortName(name string, n int) string {
	runes := []rune(name)
	if len(runes) <= n {
		return name
	}
	end := n / 2
	return string(runes[:n-1-end]) + "…" + string(runes[len(runes)-end:])
}

// drawKey writes the key right-aligned to end at right, on the line of a title.
func drawKey(c draw.Canvas, key []keyEntry, right, top vg.Length) {
	x := right
	for _, k := range slices.Backward(key) {
		words := style(10, k.color, true)
		words.YAlign = draw.YTop
		x -= words.Width(k.text)
		c.FillText(words, vg.Point{X: x, Y: top - 3}, k.text)
		x -= 9
		c.DrawGlyphNoClip(draw.GlyphStyle{Color: k.color, Radius: 3, Shape: k.glyph}, vg.Point{X: x, Y: top - 9.5})
		x -= 14
	}
}

// dots marks points with a version's glyph.
type dots struct {
	points []point
	role   bench.Role
	muted  bool // trials that do not count
}

func (d dots) Plot(c draw.Canvas, p *plot.Plot) {
	trX, trY := p.Transforms(&c)
	sty := draw.GlyphStyle{Color: roleColor(d.role), Radius: 3.2, Shape: roleGlyph(d.role)}
	if d.muted {
		sty.Color, sty.Shape = ink("muted"), cross{}
	}
	for _, pt := range d.points {
		c.DrawGlyphNoClip(sty, vg.Point{X: trX(pt.x), Y: trY(pt.y)})
	}
}

// point is one plotted point, in the units of its axes.
type point struct{ x, y float64 }

// stroke joins points.
type stroke struct {
	points []point
	style  draw.LineStyle
}

func (s stroke) Plot(c draw.Canvas, p *plot.Plot) {
	trX, trY := p.Transforms(&c)
	pts := make([]vg.Point, len(s.points))
	for i, pt := range s.points {
		pts[i] = vg.Point{X: trX(pt.x), Y: trY(pt.y)}
	}
	if len(pts) > 1 {
		c.StrokeLines(s.style, pts)
	}
}

// rule is a horizontal line at y across the data, with words at its right end above it.
type rule struct {
	y     float64
	words string
	style draw.LineStyle
}

func (r rule) Plot(c draw.Canvas, p *plot.Plot) {
	_, trY := p.Transforms(&c)
	y := trY(r.y)
	c.StrokeLine2(r.style, c.Min.X, y, c.Max.X, y)
	words := style(9, ink("muted"), false)
	words.XAlign, words.YAlign = draw.XRight, draw.YBottom
	c.FillText(words, vg.Point{X: c.Max.X, Y: y + 3}, r.words)
}
