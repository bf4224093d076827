package plot

import (
	"fmt"
	"html"
	"image"
	"image/color"
	"io"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// svgCanvas draws gonum plots as SVG whose colours are the palette's CSS variables,
// so that one picture serves light and dark paper. Text stays text, set to the width
// gonum measured, so that another font cannot break the layout.
type svgCanvas struct {
	width, height vg.Length
	body          strings.Builder
	attributes    string          // of the path being collected
	shape         strings.Builder // its d, empty when there is none
	state         svgState
	stack         []svgState
}

type svgState struct {
	color      color.NRGBA
	lineWidth  vg.Length
	dashes     []vg.Length
	dashOffset vg.Length
	// User space to paper, y up: x' = a x + c y + e, y' = b x + d y + f.
	a, b, c, d, e, f float64
}

func newSVGCanvas(width, height vg.Length) *svgCanvas {
	return &svgCanvas{width: width, height: height, state: svgState{a: 1, d: 1, lineWidth: 1}}
}

func (s *svgCanvas) Size() (w, h vg.Length) { return s.width, s.height }

func (s *svgCanvas) SetLineWidth(w vg.Length) { s.state.lineWidth = w }

func (s *svgCanvas) SetLineDash(pattern []vg.Length, offset vg.Length) {
	s.state.dashes, s.state.dashOffset = pattern, offset
}

func (s *svgCanvas) SetColor(c color.Color) {
	if c == nil {
		c = color.Transparent
	}
	s.state.color = color.NRGBAModel.Convert(c).(color.NRGBA)
}

func (s *svgCanvas) Rotate(rad float64) {
	sin, cos := math.Sincos(rad)
	s.transform(cos, sin, -sin, cos, 0, 0)
}

func (s *svgCanvas) Translate(pt vg.Point) {
	s.transform(1, 0, 0, 1, float64(pt.X), float64(pt.Y))
}

func (s *svgCanvas) Scale(x, y float64) { s.transform(x, 0, 0, y, 0, 0) }

func (s *svgCanvas) transform(a, b, c, d, e, f float64) {
	t := s.state
	s.state.a, s.state.b = t.a*a+t.c*b, t.b*a+t.d*b
	s.state.c, s.state.d = t.a*c+t.c*d, t.b*c+t.d*d
	s.state.e, s.state.f = t.a*e+t.c*f+t.e, t.b*e+t.d*f+t.f
}

func (s *svgCanvas) Push() { s.stack = append(s.stack, s.state) }

func (s *svgCanvas) Pop() {
	s.state, s.stack = s.stack[len(s.stack)-1], s.stack[:len(s.stack)-1]
}

func (s *svgCanvas) Stroke(p vg.Path) {
	if s.state.lineWidth <= 0 || s.state.color.A == 0 {
		return
	}
	var b strings.Builder
	fmt.Fprintf(&b, `fill="none" stroke="%s"%s stroke-width="%s"`, paint(s.state.color),
		opacity("stroke-opacity", s.state.color), short(float64(s.state.lineWidth)))
	if len(s.state.dashes) > 0 {
		var ds []string
		for _, d := range s.state.dashes {
			ds = append(ds, short(float64(d)))
		}
		fmt.Fprintf(&b, ` stroke-dasharray="%s"`, strings.Join(ds, " "))
	}
	s.add(b.String(), s.path(p))
}

func (s *svgCanvas) Fill(p vg.Path) {
	if s.state.color.A == 0 {
		return
	}
	s.add(fmt.Sprintf(`fill="%s"%s`, paint(s.state.color), opacity("fill-opacity", s.state.color)), s.path(p))
}

// add draws a path. Paths that follow each other in one style become one element: a
// long run has thousands of them.
func (s *svgCanvas) add(attributes, shape string) {
	if attributes != s.attributes {
		s.flush()
		s.attributes = attributes
	}
	s.shape.WriteString(shape)
}

func (s *svgCanvas) flush() {
	if s.shape.Len() > 0 {
		fmt.Fprintf(&s.body, "<path %s d=\"%s\"/>\n", s.attributes, s.shape.String())
	}
	s.attributes = ""
	s.shape.Reset()
}

func (s *svgCanvas) FillString(f font.Face, pt vg.Point, words string) {
	if words == "" || f.Font.Size == 0 {
		return
	}
	s.flush()
	x, y := s.point(pt)
	turn := ""
	if s.state.b != 0 {
		turn = fmt.Sprintf(` transform="rotate(%s %s %s)"`, short(-math.Atan2(s.state.b, s.state.a)*180/math.Pi), x, y)
	}
	weight := ""
	if f.Font.Weight > 0 {
		weight = ` font-weight="bold"`
	}
	fmt.Fprintf(&s.body, `<text x="%s" y="%s" font-size="%s" textLength="%s" lengthAdjust="spacingAndGlyphs" `+
		`fill="%s"%s%s>%s</text>`+"\n",
		x, y, short(float64(f.Font.Size)), short(float64(f.Width(words))), paint(s.state.color), weight, turn,
		html.EscapeString(words))
}

// DrawImage is part of vg.Canvas; no plot of this package has images.
func (s *svgCanvas) DrawImage(vg.Rectangle, image.Image) {}

func (s *svgCanvas) path(p vg.Path) string {
	var b strings.Builder
	lastX, lastY := "", ""
	to := func(command string, pts ...vg.Point) {
		text, x, y := "", "", ""
		for _, pt := range pts {
			x, y = s.point(pt)
			text += " " + x + " " + y
		}
		switch {
		case command != "L" || x != lastX && y != lastY:
			b.WriteString(command + strings.TrimPrefix(text, " "))
		case y != lastY:
			b.WriteString("V" + y)
		case x != lastX:
			b.WriteString("H" + x)
		}
		lastX, lastY = x, y
	}
	for _, c := range p {
		switch c.Type {
		case vg.MoveComp:
			to("M", c.Pos)
		case vg.LineComp:
			to("L", c.Pos)
		case vg.CurveComp:
			if len(c.Control) == 1 {
				to("Q", c.Control[0], c.Pos)
			} else {
				to("C", c.Control[0], c.Control[1], c.Pos)
			}
		case vg.ArcComp:
			s.arc(&b, c, to)
		case vg.CloseComp:
			b.WriteString("Z")
		}
	}
	return b.String()
}

// arc draws in two halves: SVG cannot draw a full circle as one arc.
func (s *svgCanvas) arc(b *strings.Builder, c vg.PathComp, to func(string, ...vg.Point)) {
	at := func(angle float64) vg.Point {
		return vg.Point{X: c.Pos.X + c.Radius*vg.Length(math.Cos(angle)),
			Y: c.Pos.Y + c.Radius*vg.Length(math.Sin(angle))}
	}
	begin := "L"
	if b.Len() == 0 {
		begin = "M"
	}
	to(begin, at(c.Start))
	sweep := 0
	if c.Angle < 0 {
		sweep = 1 // y points down on paper
	}
	r := short(float64(c.Radius))
	from := at(c.Start)
	for _, part := range []float64{.5, 1} {
		end := at(c.Start + part*c.Angle)
		d, t := end.Sub(from), s.state
		dx, dy := short(t.a*float64(d.X)+t.c*float64(d.Y)), short(-t.b*float64(d.X)-t.d*float64(d.Y))
		fmt.Fprintf(b, "a%s %s 0 0 %d %s %s", r, r, sweep, dx, dy)
		from = end
	}
}

// point is where a point lies on paper, y down.
func (s *svgCanvas) point(p vg.Point) (x, y string) {
	t, px, py := s.state, float64(p.X), float64(p.Y)
	return short(t.a*px + t.c*py + t.e), short(float64(s.height) - (t.b*px + t.d*py + t.f))
}

// short prints a length to a tenth of a point.
func short(v float64) string {
	return strconv.FormatFloat(math.Round(v*10)/10+0, 'f', -1, 64)
}

func paint(c color.NRGBA) string {
	for _, s := range palette {
		if s.light.R == c.R && s.light.G == c.G && s.light.B == c.B {
			return "var(--" + s.name + ")"
		}
	}
	return hexColor(c)
}

func opacity(attribute string, c color.NRGBA) string {
	if c.A == 0xff {
		return ""
	}
	return fmt.Sprintf(` %s="%s"`, attribute, strconv.FormatFloat(math.Round(float64(c.A)/2.55)/100, 'f', -1, 64))
}

// writeTo writes the picture as an svg element. Its class is for the page; label is
// what it shows, for those who cannot see it.
func (s *svgCanvas) writeTo(w io.Writer, attributes, label, head string) error {
	s.flush()
	_, err := fmt.Fprintf(w, "<svg %s viewBox=\"0 0 %s %s\" role=\"img\" aria-label=\"%s\" font-family=\"Liberation "+
		"Sans, Arial, Helvetica, sans-serif\">%s\n%s</svg>\n",
		attributes, short(float64(s.width)), short(float64(s.height)), html.EscapeString(label), head, s.body.String())
	return err
}
