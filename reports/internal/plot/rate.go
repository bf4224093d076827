package plot

import (
	"slices"

	"gonum.org/v1/plot"

	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// ratePanel shows the achieved rate: how many expected answers came in each second, all
// operations together, against what was offered; false when no trial tells. Of a run
// stored before answers were counted by the second in which they came, it shows how many
// of the requests due in each second ended OK, and says so.
func ratePanel(s *summary.Summary, lanes []lane, sz size) (panel, bool) {
	p := newPlot(trialBands(lanes))
	var high float64
	for _, l := range lanes {
		seconds := laneRates(l, lanes)
		if len(seconds) == 0 || s.Index(l.trial.Role) < 0 {
			continue
		}
		offered := l.trial.Load.Rate()
		high = max(high, offered)
		c := roleColor(l.trial.Role)
		if l.trial.Warmup {
			c = ink("muted")
		}
		var pts []point
		for _, sec := range seconds {
			high = max(high, sec.Rate)
			pts = append(pts, point{l.start + (sec.At + sec.Width/2).Seconds(), sec.Rate})
		}
		p.Add(stroke{[]point{{l.start, offered}, {l.start + l.length, offered}}, line(ink("muted"), 1, 3, 2)},
			stroke{pts, line(c, 2)})
	}
	if high == 0 {
		return panel{}, false
	}
	zeroAxis(&p.Y, high*1.05, 4, units.TickNumber)
	laneAxis(&p.X, lanes, sz)
	return panel{title: rateTitle(lanes) + " per second; dashed: offered", plot: p, height: 120, right: 4,
		chart: func() *Chart { return rateChart(s, lanes, p) }}, true
}

// rateChart is the panel for the script; nil when no trial but warm-ups has data.
func rateChart(s *summary.Summary, lanes []lane, p *plot.Plot) *Chart {
	data := &Chart{
		Title: rateTitle(lanes) + " per second, all operations", X: axisOf(p.X, laneLabel(lanes), unitSeconds),
		Y:     axisOf(p.Y, "requests per second", unitRate),
		Spans: spans(lanes), Marks: epochMarks(lanes), Sync: "time",
	}
	for _, x := range s.Sides {
		data.Columns = append(data.Columns,
			column{Label: plaintext.Line(summary.Called(s, x)), Colour: string(x.Role), Style: bold})
	}
	data.Columns = append(data.Columns, column{Label: "offered", Colour: "muted", Style: dashed})
	for _, l := range lanes {
		side := s.Index(l.trial.Role)
		if side < 0 || l.trial.Warmup {
			continue
		}
		for _, sec := range laneRates(l, lanes) {
			ys := slices.Repeat([]number{missing}, len(data.Columns))
			ys[len(ys)-1] = brief(l.trial.Load.Rate())
			ys[side] = brief(sec.Rate)
			data.row(units.Round(l.start+(sec.At+sec.Width/2).Seconds(), 2), ys...)
		}
		data.row(units.Round(l.start+l.length+.005, 3)) // nothing joins two trials
	}
	if len(data.At) == 0 {
		return nil
	}
	return data
}

// rateTitle names what is counted by second, rateWords explains it.
func rateTitle(lanes []lane) string {
	if counted(lanes) {
		return "expected answers"
	}
	return "due requests that ended OK"
}

func rateWords(lanes []lane) string {
	if counted(lanes) {
		return "the expected answers that came in each second, whenever they were due"
	}
	return "how many of the requests due in each second ended OK, whenever that was"
}

// counted tells whether the trials count answers by second; all of a run do, or none.
func counted(lanes []lane) bool {
	return slices.ContainsFunc(lanes, func(l lane) bool { return summary.AnswersCounted(l.trial) })
}

// laneRates are a trial's rates, as many as the picture has room for.
func laneRates(l lane, lanes []lane) []summary.SecondRate {
	return summary.ThinRates(summary.AchievedRates(l.trial), max(2, 4000/len(lanes)))
}
