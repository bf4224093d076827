package reports

import (
	"math"
	"strconv"
	"time"
)

// chart is the data of one interactive chart: columns over a common axis, as uPlot
// takes them. A missing value is null.
type chart struct {
	Title   string      `json:"title"`
	Unit    string      `json:"unit"` // of x: "nines" or "s"
	Columns []column    `json:"columns"`
	X       []float64   `json:"x"`
	Y       [][]float64 `json:"y"` // milliseconds; 0 stands for missing
}

type column struct {
	Label  string `json:"label"`
	Colour string `json:"colour"` // name in the palette
	Thin   bool   `json:"thin,omitempty"`
}

// percentileChart is the data of a percentile figure; false when there is none.
func percentileChart(s *summary, op operation) (chart, bool) {
	c := chart{Title: plain(op.name), Unit: "nines"}
	var most int64
	for _, m := range op.sides {
		most = max(most, m.Response.Count())
	}
	if most == 0 {
		return c, false
	}
	var qs []float64
	for x := 0.0; x < math.Log10(float64(most)); x += .05 {
		qs = append(qs, 1-math.Pow(10, -x))
		c.X = append(c.X, round(x, 4))
	}
	for i, m := range op.sides {
		if m.Response.Count() == 0 {
			continue
		}
		c.Columns = append(c.Columns, column{Label: plain(s.sides[i].deployment.Name), Colour: string(s.sides[i].role)})
		var ys []float64
		for k, v := range m.Response.Quantiles(qs...) {
			y := round(milliseconds(v), 5)
			if c.X[k] > math.Log10(float64(m.Response.Count())) {
				y = 0
			}
			ys = append(ys, y)
		}
		c.Y = append(c.Y, ys)
	}
	return c, len(c.X) > 1
}

// timelineChart is the data of one panel of the timeline; false when there is none.
func timelineChart(s *summary, lanes []lane, op operation) (chart, bool) {
	c := chart{Title: plain(op.name), Unit: "s"}
	for _, x := range s.sides {
		name := plain(x.deployment.Name)
		c.Columns = append(c.Columns, column{Label: name + " P50", Colour: string(x.role)}, column{Label: name + " P99", Colour: string(x.role), Thin: true})
	}
	c.Y = make([][]float64, len(c.Columns))
	add := func(x float64, side int, p50, p99 time.Duration) {
		c.X = append(c.X, round(x, 2))
		for i := range c.Y {
			y := 0.0
			switch {
			case side >= 0 && i == 2*side:
				y = round(milliseconds(p50), 3)
			case side >= 0 && i == 2*side+1:
				y = round(milliseconds(p99), 3)
			}
			c.Y[i] = append(c.Y[i], y)
		}
	}
	for _, l := range lanes {
		m := l.trial.Measurement(op.name)
		side := s.index(l.trial.Role)
		if m == nil || side < 0 || l.trial.Warmup {
			continue
		}
		for _, sec := range thin(m.Timeline, max(2, 6000/len(s.operations)/len(lanes))) {
			if sec.Outcomes.Total() > 0 {
				add(l.start+sec.At.Seconds()+.5, side, sec.P50, sec.P99)
			}
		}
		add(l.start+l.length+.01, -1, 0, 0) // nothing joins two trials
	}
	return c, len(c.X) > 2
}

func round(v float64, places int) float64 {
	r, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'f', places, 64), 64)
	return r
}
