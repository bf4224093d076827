package reports

import (
	"math"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

// A margin that noise chose is drawn where it certifies and where it convicts from, and one that was given alone.
func TestTextBarHasBothMargins(t *testing.T) {
	scale := summary.BarScale{Left: math.Ln2, Right: math.Ln2}
	c := &verdict.Comparison{Ratio: verdict.Interval{Estimate: 1, Low: 1, High: 1}, Margin: math.Pow(2, 9./24) - 1}
	if got := strings.TrimSpace(textBar(scale, c)); got != "o              :" {
		t.Errorf("with one margin: %q", got)
	}
	c.Convicts = math.Pow(2, 4./24) - 1
	if got := strings.TrimSpace(textBar(scale, c)); got != "o         .    :" {
		t.Errorf("with two margins: %q", got)
	}
}

// The scale reaches from 0.5 to 2, in 24 columns each way: a twenty-fourth of it lies at
// the root of that, 4.9 columns from the middle.
func TestTextBar(t *testing.T) {
	at := func(marks map[int]string) string {
		line := []byte(strings.Repeat(" ", textBarWidth))
		for i, m := range marks {
			copy(line[i:], m)
		}
		return strings.TrimRight(string(line), " ")
	}
	for _, c := range []struct {
		what  string
		ratio verdict.Interval
		want  string
	}{
		{"within the margin", verdict.Interval{Estimate: 1, Low: math.Pow(2, -1./24), High: math.Pow(2, 1./24)},
			at(map[int]string{19: "=====o=====", 32: ":"})},
		{"beyond the scale", verdict.Interval{Estimate: 9, Low: 8, High: 10},
			at(map[int]string{24: "|       :", 48: ">"})},
		{"far below", verdict.Interval{Estimate: .1, Low: .05, High: .2}, at(map[int]string{0: "<", 24: "|       :"})},
		{"too few units", verdict.Interval{Estimate: 1, Low: 0, High: math.Inf(1)},
			"<" + strings.Repeat("=", 23) + "o=======:" + strings.Repeat("=", 15) + ">"},
	} {
		got := textBar(summary.BarScale{Left: math.Ln2, Right: math.Ln2},
			&verdict.Comparison{Ratio: c.ratio, Margin: math.Pow(2, 3./24) - 1})
		if got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.what, got, c.want)
		}
	}
}
