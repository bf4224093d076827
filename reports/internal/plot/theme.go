package plot

import (
	"fmt"
	"image/color"
	"math"
	"strings"

	stdfont "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/oauthbench/oauthbench/bench"
)

// swatch is one colour of the theme, for light and dark paper. Pictures and page
// share them; in SVG and CSS it is the variable --name.
type swatch struct {
	name        string
	light, dark color.NRGBA
}

// palette is every colour there is. Baseline and candidate are blue and orange after
// Okabe and Ito, which all kinds of colour vision tell apart, darkened on white until
// text in them has a contrast of 4.5.
var palette = []swatch{
	{"paper", rgb(0xffffff), rgb(0x14171a)},
	{"ink", rgb(0x1a1d21), rgb(0xe6e8ea)},
	{"muted", rgb(0x596068), rgb(0xa3aab1)},
	{"grid", rgb(0xdfe3e7), rgb(0x30363c)},
	{"line", rgb(0x8b939c), rgb(0x6b747d)},
	{"band", rgb(0xf4f6f8), rgb(0x1c2125)},
	{"baseline", rgb(0x0069a8), rgb(0x5cb8ec)},
	{"candidate", rgb(0xb84a00), rgb(0xf0a030)},
	{"bad", rgb(0xb3261e), rgb(0xff8a80)},
	{"good", rgb(0x1b6e3c), rgb(0x6fd08c)},
	{"doubt", rgb(0x76570a), rgb(0xe3c25f)},
	{"bad-wash", rgb(0xfcefed), rgb(0x2b1b1c)},
	{"good-wash", rgb(0xecf6ef), rgb(0x16251c)},
	{"doubt-wash", rgb(0xfaf4e2), rgb(0x27220f)},
}

func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{uint8(hex >> 16), uint8(hex >> 8), uint8(hex), 0xff}
}

// ink returns a colour of the palette as it is on light paper.
func ink(name string) color.NRGBA {
	for _, s := range palette {
		if s.name == name {
			return s.light
		}
	}
	panic("no colour " + name)
}

// faint is a colour with an opacity from 0 to 1.
func faint(c color.NRGBA, opacity float64) color.NRGBA {
	c.A = uint8(opacity*255 + .5)
	return c
}

func roleColor(role bench.Role) color.NRGBA {
	if role == bench.Baseline {
		return ink("baseline")
	}
	return ink("candidate")
}

// roleGlyph tells versions apart without colour: the baseline is hollow.
func roleGlyph(role bench.Role) draw.GlyphDrawer {
	if role == bench.Baseline {
		return ring{}
	}
	return draw.CircleGlyph{}
}

// stylesheet declares the palette as CSS variables of an element, dark ones where
// the reader prefers them. Paper is always light in print.
func stylesheet(element string) string {
	var light, dark strings.Builder
	for _, s := range palette {
		fmt.Fprintf(&light, "--%s:%s;", s.name, hexColor(s.light))
		fmt.Fprintf(&dark, "--%s:%s;", s.name, hexColor(s.dark))
	}
	return element + "{" + light.String() + "}@media screen and (prefers-color-scheme:dark){" + element + "{" +
		dark.String() + "}}"
}

// PageColours is stylesheet for the page, whose reader may choose light or dark.
func PageColours() string {
	var light, dark strings.Builder
	for _, s := range palette {
		fmt.Fprintf(&light, "--%s:%s;", s.name, hexColor(s.light))
		fmt.Fprintf(&dark, "--%s:%s;", s.name, hexColor(s.dark))
	}
	return ":root{" + light.String() + "}" +
		"@media screen and (prefers-color-scheme:dark){:root:not(:has(#theme-light:checked)){" + dark.String() + "}}" +
		"@media screen{:root:has(#theme-dark:checked){" + dark.String() + "}}"
}

func hexColor(c color.NRGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// size is the paper a figure is drawn for.
type size struct {
	width  vg.Length
	narrow bool // a phone: fewer ticks, shorter words
}

var (
	Wide   = size{width: 720}
	Narrow = size{width: 350, narrow: true}
)

// style is the theme's text: Liberation Sans, which has the widths of Arial and
// Helvetica, so that labels fit whichever of them a reader has.
func style(points vg.Length, c color.Color, bold bool) text.Style {
	f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: points}
	if bold {
		f.Weight = stdfont.WeightBold
	}
	return text.Style{Color: c, Font: f, Handler: plot.DefaultTextHandler}
}

// newPlot is an empty plot of the theme: horizontal grid lines, no box, small muted
// tick labels. What is behind the grid is drawn first.
func newPlot(behind ...plot.Plotter) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		xalign, yalign := a.Tick.Label.XAlign, a.Tick.Label.YAlign
		a.Tick.Label = style(10, ink("muted"), false)
		a.Tick.Label.XAlign, a.Tick.Label.YAlign = xalign, yalign
		a.Tick.LineStyle = draw.LineStyle{Color: ink("grid"), Width: .75}
		a.Tick.Length = 4
		a.LineStyle = draw.LineStyle{Color: ink("grid"), Width: .75}
		a.Padding = 0
		label := a.Label.TextStyle
		a.Label.TextStyle = style(10, ink("muted"), false)
		a.Label.TextStyle.XAlign, a.Label.TextStyle.YAlign = label.XAlign, label.YAlign
		a.Label.Padding = 3
	}
	p.Y.LineStyle.Width = 0
	p.Y.Tick.Length = 0
	grid := plotter.NewGrid()
	grid.Vertical.Color = nil
	grid.Horizontal = draw.LineStyle{Color: ink("grid"), Width: .75}
	p.Add(behind...)
	p.Add(grid)
	return p
}

// line is a stroke of the theme.
func line(c color.Color, width vg.Length, dashes ...vg.Length) draw.LineStyle {
	return draw.LineStyle{Color: c, Width: width, Dashes: dashes}
}

// ring is gonum's RingGlyph with a stroke that is seen as a colour.
type ring struct{}

func (ring) DrawGlyph(c *draw.Canvas, sty draw.GlyphStyle, pt vg.Point) {
	c.SetLineStyle(line(sty.Color, 1.4))
	var p vg.Path
	p.Move(vg.Point{X: pt.X + sty.Radius, Y: pt.Y})
	p.Arc(pt, sty.Radius, 0, 2*math.Pi)
	p.Close()
	c.Stroke(p)
}

// cross is gonum's CrossGlyph with such a stroke.
type cross struct{}

func (cross) DrawGlyph(c *draw.Canvas, sty draw.GlyphStyle, pt vg.Point) {
	r := sty.Radius * .8
	style := line(sty.Color, 1.4)
	c.StrokeLine2(style, pt.X-r, pt.Y-r, pt.X+r, pt.Y+r)
	c.StrokeLine2(style, pt.X-r, pt.Y+r, pt.X+r, pt.Y-r)
}
