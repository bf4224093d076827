// Package plot draws a summary: still pictures as PNG and SVG, and the data of the
// page's interactive charts. It is the only package that knows gonum. A kind of
// picture is one entry in kinds.
package plot

import (
	"io"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// Figure is one picture: panels with a common left edge below each other.
type Figure struct {
	Name    string // of its files, without extension
	Title   string
	Caption string // what it shows, how to read it
	size    size
	Columns string // of its charts on the page: "" or two
	panels  []panel
	key     []keyEntry // beside the first panel's title
	part    string     // what of the figure this is, when it is drawn in parts
}

// File is the name of the figure's files, without extension. Parts have none of their own.
func (f *Figure) File() string { return strings.TrimSuffix(f.Name, f.part) }

type panel struct {
	title  string // what the vertical axis measures, with its unit
	plot   *plot.Plot
	height vg.Length
	right  vg.Length     // room for labels right of the data
	chart  func() *Chart // makes the same for the page's script; nil, or returns nil, when it has none
}

// words are the panel's title. A logarithmic axis has no 0, and says what it is.
func (p panel) words() string {
	if _, log := p.plot.Y.Scale.(plot.LogScale); log && !strings.Contains(p.title, "(log") {
		return p.title + " (log)"
	}
	return p.title
}

// titleHeight is the room for the panel's title, if it has one.
func (p panel) titleHeight() vg.Length {
	if p.title == "" {
		return 4
	}
	return panelTitle
}

// panelTitle is the height of a panel's title, panelGap the space below a panel.
const (
	panelTitle vg.Length = 20
	panelGap   vg.Length = 12
	fileMargin vg.Length = 16
)

// Charts makes the data of the panels that have any.
func (f *Figure) Charts() []*Chart {
	var all []*Chart
	for _, p := range f.panels {
		if p.chart == nil {
			continue
		}
		if c := p.chart(); c != nil {
			all = append(all, c)
		}
	}
	return all
}

// ChartHeight is the height of each of the figure's charts on the page, in pixels.
func (f *Figure) ChartHeight() int {
	if len(f.panels) == 1 {
		return 300
	}
	return 180
}

func (f *Figure) height() vg.Length {
	var h vg.Length
	for _, p := range f.panels {
		h += p.height + p.titleHeight() + panelGap
	}
	return h - panelGap
}

// draw puts the panels on a canvas of the figure's width and height.
func (f *Figure) draw(c draw.Canvas) {
	var left vg.Length
	own := make([]vg.Length, len(f.panels))
	for i, p := range f.panels {
		own[i] = p.plot.DataCanvas(c).Min.X - c.Min.X
		left = max(left, own[i])
	}
	top := c.Max.Y
	for i, p := range f.panels {
		title := style(11, ink("ink"), true)
		title.YAlign = draw.YTop
		c.FillText(title, vg.Point{X: c.Min.X, Y: top - 2}, p.words())
		if i == 0 {
			drawKey(c, f.key, c.Max.X-p.right, top)
		}
		top -= p.titleHeight()
		p.plot.Draw(draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{
			Min: vg.Point{X: c.Min.X + left - own[i], Y: top - p.height},
			Max: vg.Point{X: c.Max.X - p.right, Y: top},
		}})
		top -= p.height + panelGap
	}
}

// drawFile puts title, caption and panels on a canvas for a file of its own.
func (f *Figure) drawFile(c vg.CanvasSizer) {
	dc := draw.New(c)
	dc.SetColor(ink("paper"))
	dc.Fill(dc.Rectangle.Path())
	dc = draw.Crop(dc, fileMargin, -fileMargin, fileMargin, -fileMargin)
	title := style(15, ink("ink"), true)
	title.YAlign = draw.YTop
	dc.FillText(title, vg.Point{X: dc.Min.X, Y: dc.Max.Y}, f.Title)
	y := dc.Max.Y - 22
	words := style(10, ink("muted"), false)
	words.YAlign = draw.YTop
	for _, l := range f.captionLines() {
		dc.FillText(words, vg.Point{X: dc.Min.X, Y: y}, l)
		y -= 13
	}
	f.draw(draw.Canvas{Canvas: dc.Canvas, Rectangle: vg.Rectangle{Min: dc.Min, Max: vg.Point{X: dc.Max.X, Y: y - 8}}})
}

// captionLines wraps the caption to the figure's width.
func (f *Figure) captionLines() []string {
	words := style(10, ink("muted"), false)
	var lines []string
	line := ""
	for _, w := range strings.Fields(f.Caption) {
		if line != "" && words.Width(line+" "+w) > f.size.width {
			lines = append(lines, line)
			line = ""
		}
		line = strings.TrimSpace(line + " " + w)
	}
	return append(lines, line)
}

func (f *Figure) fileSize() (w, h vg.Length) {
	return f.size.width + 2*fileMargin, f.height() + 30 + 13*vg.Length(len(f.captionLines())) + 2*fileMargin
}

// WritePNG writes the figure on light paper at 144 dots per inch.
func (f Figure) WritePNG(w io.Writer) error {
	width, height := f.fileSize()
	c := vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(144))}
	f.drawFile(c)
	_, err := c.WriteTo(w)
	return err
}

// WriteSVG writes the figure as a file that follows the reader's light or dark theme.
func (f Figure) WriteSVG(w io.Writer) error {
	width, height := f.fileSize()
	c := newSVGCanvas(width, height)
	f.drawFile(c)
	attributes := `xmlns="http://www.w3.org/2000/svg" width="` + short(float64(width)) + `" height="` +
		short(float64(height)) + `"`
	return c.writeTo(w, attributes, f.Title+". "+f.Caption, "<style>"+stylesheet("svg")+"</style>")
}

// Inline returns the figure as an element of a page.
func (f Figure) Inline(class string) string {
	c := newSVGCanvas(f.size.width, f.height())
	f.draw(draw.New(c))
	var b strings.Builder
	_ = c.writeTo(&b, `class="`+class+`"`, f.Title+". "+f.Caption, "") // a Builder takes everything
	return b.String()
}
