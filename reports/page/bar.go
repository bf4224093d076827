package page

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

const barWidth, barHeight, barEdge = 200.0, 20.0, 8.0

// at places a ratio on the bar; beyond tells that it lies outside the scale.
func at(b summary.BarScale, v float64) (x float64, beyond bool) {
	place, beyond := b.At(v)
	return barEdge + place*(barWidth-2*barEdge), beyond
}

// Labels of the axis: what is between the place of 1 and an end is wideLabel of the bar at least, or the
// label of the end is left out; below closeLabel it is shown beside wide bars only.
const wideLabel, closeLabel = 45.0, 76.0

// barAxis labels the scale's ends and its middle. Its letters are as large as they are, however wide the
// bar is shown.
func barAxis(b summary.BarScale) template.HTML {
	left, right := b.Ends()
	one, _ := at(b, 1)
	var s strings.Builder
	s.WriteString(`<svg class="ratiobar axis" aria-hidden="true">`)
	for _, l := range []struct {
		v             float64
		label, anchor string
	}{{left, units.Factor(left), "start"}, {1, "1", "middle"}, {right, units.Factor(right), "end"}} {
		x, _ := at(b, l.v)
		class := ""
		switch distance := math.Abs(x - one); {
		case l.v == 1:
		case distance < wideLabel:
			continue
		case distance < closeLabel:
			class = ` class="close"`
		}
		fmt.Fprintf(&s, `<text x="%.1f%%" y="11" font-size="11" text-anchor="%s" fill="var(--muted)"%s>×%s</text>`,
			100*x/barWidth, l.anchor, class, l.label)
	}
	s.WriteString("</svg>")
	return template.HTML(s.String())
}

// bar draws one interval; the words beside it say the same.
func bar(b summary.BarScale, c *verdict.Comparison) template.HTML {
	const y = barHeight / 2
	var s strings.Builder
	fmt.Fprintf(&s, `<svg class="ratiobar" viewBox="0 0 %.0f %.0f" aria-hidden="true">`, barWidth, barHeight)
	one, _ := at(b, 1)
	fmt.Fprintf(&s, `<path d="M%.1f 0V%.0f" stroke="var(--muted)"/>`, one, barHeight)
	if m, beyond := at(b, 1+c.Margin); !beyond {
		fmt.Fprintf(&s, `<path d="M%.1f 0H%.0fV%.0fH%.1fz" fill="var(--bad)" fill-opacity=".13"/>`, m, barWidth,
			barHeight, m)
		fmt.Fprintf(&s, `<path d="M%.1f 0V%.0f" stroke="var(--bad)" stroke-width="1.5"/>`, m, barHeight)
	}
	if m, beyond := at(b, 1+c.Convicts); c.Convicts > 0 && !beyond {
		fmt.Fprintf(&s, `<path d="M%.1f 0V%.0f" stroke="var(--bad)" stroke-dasharray="3 2"/>`, m, barHeight)
	}
	if units.Finite(c.Ratio.Estimate) {
		low, lowBeyond := at(b, c.Ratio.Low)
		high, highBeyond := at(b, c.Ratio.High)
		fmt.Fprintf(&s, `<path d="M%.1f %gH%.1f" stroke="var(--candidate)" stroke-width="2.5"/>`, low, y, high)
		if lowBeyond && low < one {
			fmt.Fprintf(&s, `<path d="M%.1f %gl-8 5l8 5z" fill="var(--candidate)"/>`, low+2, y-5)
		}
		if highBeyond && high > one {
			fmt.Fprintf(&s, `<path d="M%.1f %gl8 5l-8 5z" fill="var(--candidate)"/>`, high-2, y-5)
		}
		if x, beyond := at(b, c.Ratio.Estimate); !beyond {
			fill := "var(--candidate)"
			if !summary.Decided(c) {
				fill = "var(--paper)"
			}
			fmt.Fprintf(&s, `<circle cx="%.1f" cy="%g" r="4" fill="%s" stroke="var(--candidate)" stroke-width="1.5"/>`,
				x, y, fill)
		}
	}
	s.WriteString("</svg>")
	return template.HTML(s.String())
}
