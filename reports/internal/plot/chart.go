package plot

import (
	"encoding/json"
	"math"
	"slices"

	"gonum.org/v1/plot"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// Chart is the data of one interactive chart: columns over a common axis, as uPlot
// takes them, with the axes that the still picture has.
type Chart struct {
	Title   string   `json:"title"`
	X       axis     `json:"x"`
	Y       axis     `json:"y"`
	Columns []column `json:"columns"`
	At      []number `json:"at"`              // ascending
	Values  []values `json:"values"`          // as Columns, each as long as At
	Band    []int    `json:"band,omitempty"`  // columns of upper and lower edge
	Spans   []span   `json:"spans,omitempty"` // trials, behind the data
	Marks   []mark   `json:"marks,omitempty"` // upright lines
	Rules   []mark   `json:"rules,omitempty"` // level lines
	Sync    string   `json:"sync,omitempty"`  // charts that share a cursor
}

// axis is one axis; Unit says how a value on it is printed.
type axis struct {
	Label string `json:"label"`
	Unit  string `json:"unit"`
	Log   bool   `json:"log,omitempty"`
	Min   number `json:"min"`
	Max   number `json:"max"`
	Ticks []mark `json:"ticks"`
}

// The units of axes.
const (
	unitNines   = "nines" // quantiles: 0 is the minimum, 1 P90, 2 P99
	unitSeconds = "s"     // of the run, pauses cut out; the span says which trial
	unitTrial   = "trial" // number of a trial
	unitCount   = "n"     // number of an epoch or a pair
	unitMillis  = "ms"    // response time
	unitRate    = "/s"    // requests per second
	unitPercent = "%"     //
	unitMiB     = "MiB"   //
	unitRatio   = "x"     // candidate / baseline
)

// column is one line or set of dots.
type column struct {
	Label  string `json:"label"`
	Colour string `json:"colour"` // name in the palette
	Style  string `json:"style"`
	Hidden bool   `json:"hidden,omitempty"` // until the reader asks for it
}

// The styles of columns.
const (
	bold   = "bold"
	fine   = "fine"
	dashed = "dashed"
	hollow = "hollow" // dots of the baseline
	filled = "filled" // dots of the candidate
	edge   = "edge"   // of a band
)

// span is where one trial lies on the axis of time.
type span struct {
	From   number `json:"from"`
	To     number `json:"to"`
	Colour string `json:"colour"`
	Label  string `json:"label"`
	Out    bool   `json:"out,omitempty"` // does not count
}

// mark is a place on an axis with its name.
type mark struct {
	At    number `json:"at"`
	Label string `json:"label"`
}

// number is a float in JSON, null where there is none.
type number float64

func (n number) MarshalJSON() ([]byte, error) {
	if v := float64(n); math.IsNaN(v) || math.IsInf(v, 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

type values []number

var missing = number(math.NaN())

// axisOf takes over the axis of a still picture.
func axisOf(a plot.Axis, label, unit string) axis {
	_, log := a.Scale.(plot.LogScale)
	out := axis{Label: label, Unit: unit, Log: log, Min: number(a.Min), Max: number(a.Max), Ticks: []mark{}}
	for _, t := range a.Tick.Marker.Ticks(a.Min, a.Max) {
		if t.Label != "" {
			out.Ticks = append(out.Ticks, mark{number(t.Value), t.Label})
		}
	}
	return out
}

// rowsOf builds charts whose rows come one by one.
func (c *Chart) row(x float64, ys ...number) {
	if c.Values == nil {
		c.Values = make([]values, len(c.Columns))
	}
	c.At = append(c.At, number(x))
	for i := range c.Values {
		v := missing
		if i < len(ys) {
			v = ys[i]
		}
		c.Values[i] = append(c.Values[i], v)
	}
}

// dropEmptyColumns leaves out what has no value at all.
func (c *Chart) dropEmptyColumns() {
	for i := len(c.Columns) - 1; i >= 0; i-- {
		if !slices.ContainsFunc(c.Values[i], func(v number) bool { return !math.IsNaN(float64(v)) }) {
			c.Columns, c.Values = slices.Delete(c.Columns, i, i+1), slices.Delete(c.Values, i, i+1)
		}
	}
}

// dotStyle tells versions apart without colour, as roleGlyph does.
func dotStyle(role bench.Role) string {
	if role == bench.Baseline {
		return hollow
	}
	return filled
}

// brief rounds to three significant digits, as tables do: what a reader points at is
// what the table says, and the page stays small.
func brief(v float64) number {
	// The shortest text of the rounded figure, not the noise of its last bit.
	return number(units.Round(units.Significant(v), 9))
}

// bound is a ratio for a picture, missing when it is unknown.
func bound(v float64) number {
	if !(v > 0) || math.IsInf(v, 0) {
		return missing
	}
	return number(units.Round(v, 4))
}
