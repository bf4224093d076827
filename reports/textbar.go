package reports

import (
	"fmt"
	"math"
	"regexp"
	"strings"

	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

const (
	textBarWidth = 49
	textBarRows  = 40
)

// inCode are the characters that an operation's name does not have unless it is up to
// something: within a block of code nothing can be escaped.
var inCode = regexp.MustCompile(`[^A-Za-z0-9 _./-]`)

// markdownPicture draws the intervals of the deciding ratios in text, which shows in
// every comment, mail and log; an image would have to be kept somewhere.
func markdownPicture(b *strings.Builder, s *summary.Summary) {
	scale := summary.NewBarScale(s.Shown())
	var names, bars []string
	width := 0
	for _, op := range s.Operations {
		for _, r := range op.Rows {
			if c := r.Comparison; c != nil && c.Gating && units.Finite(c.Ratio.Estimate) && len(names) < textBarRows {
				name := units.Clip(inCode.ReplaceAllString(op.Name, "?"), 40) + " " + r.Label
				names, bars = append(names, name), append(bars, textBar(scale, c))
				width = max(width, len(name))
			}
		}
	}
	if len(names) == 0 {
		return
	}
	fmt.Fprintf(b, "\n```text\n%*s  %s\n", -width, "", textAxis(scale))
	for i, name := range names {
		fmt.Fprintf(b, "%*s  %s\n", -width, name, bars[i])
	}
	b.WriteString("```\n\n`o` ratio candidate / baseline, `=` its 90 % interval, `:` margin")
	if words := summary.MarginsOfTwo(s.Shown()); words != "" {
		b.WriteString(", `.` from where on it convicts. " + words + "\n")
		return
	}
	b.WriteString(".\n")
}

// textAxis labels the ends of the scale and 1, as far as there is room between them.
func textAxis(scale summary.BarScale) string {
	least, most := scale.Ends()
	left, right := []rune("×"+units.Factor(least)), []rune("×"+units.Factor(most))
	line := []rune(strings.Repeat(" ", textBarWidth))
	place, _ := scale.At(1)
	one := int(math.Round(place * (textBarWidth - 1)))
	if one > len(left) {
		copy(line, left)
	}
	if one+2 < textBarWidth-len(right) {
		copy(line[textBarWidth-len(right):], right)
	}
	copy(line[min(one, textBarWidth-2):], []rune("×1"))
	return strings.TrimRight(string(line), " ")
}

// textBar is the bar of the page in characters.
func textBar(b summary.BarScale, c *verdict.Comparison) string {
	column := func(v float64) (i int, beyond bool) {
		place, beyond := b.At(v)
		return int(math.Round(place * (textBarWidth - 1))), beyond
	}
	line := []byte(strings.Repeat(" ", textBarWidth))
	low, lowBeyond := column(c.Ratio.Low)
	high, highBeyond := column(c.Ratio.High)
	for i := low; i <= high; i++ {
		line[i] = '='
	}
	one, _ := column(1)
	line[one] = '|'
	if m, beyond := column(1 + c.Margin); !beyond {
		line[m] = ':'
	}
	if m, beyond := column(1 + c.Convicts); c.Convicts > 0 && !beyond {
		line[m] = '.'
	}
	if lowBeyond && low == 0 {
		line[0] = '<'
	}
	if highBeyond && high == textBarWidth-1 {
		line[textBarWidth-1] = '>'
	}
	if x, beyond := column(c.Ratio.Estimate); !beyond {
		line[x] = 'o'
	}
	return strings.TrimRight(string(line), " ")
}
