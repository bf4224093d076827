package summary

import (
	"math"
	"strings"

	"oauthbench/bench/verdict"
)

// sparks are the heights of a sparkline, lowest first.
var sparks = []rune("▁▂▃▄▅▆▇█")

// spark is a line of one block for each unit of a comparison, in order: how high its ratio
// lies between the least and the most that is shown, which reach as far to both sides of 1
// as the margin or the farthest unit does. "" when the units are not known.
func (s *Summary) spark(c *verdict.Comparison) string {
	if c == nil {
		return ""
	}
	for _, p := range s.Paths {
		if p.Operation == c.Operation && p.Quantile == c.Quantile {
			return sparkline(p.Steps, c.Margin)
		}
	}
	return ""
}

func sparkline(steps []verdict.Step, margin float64) string {
	reach := math.Log1p(margin)
	for _, step := range steps {
		if l := math.Abs(math.Log(step.Ratio)); !math.IsInf(l, 0) {
			reach = max(reach, l)
		}
	}
	var b strings.Builder
	for _, step := range steps {
		place := (math.Log(step.Ratio)/reach + 1) / 2 * float64(len(sparks))
		b.WriteRune(sparks[int(min(max(place, 0), float64(len(sparks)-1)))])
	}
	return b.String()
}
