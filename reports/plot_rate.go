package reports

import (
	"cmp"
	"slices"
	"time"

	"gonum.org/v1/plot"

	"oauthbench/bench"
)

// ratePanel shows how many of the requests due in each second ended OK, all
// operations together, against what was offered; false when no trial tells.
func ratePanel(s *summary, lanes []lane, sz size) (panel, bool) {
	p := newPlot(trialBands(lanes))
	var high float64
	for _, l := range lanes {
		seconds := laneRates(l, lanes)
		if len(seconds) == 0 || s.index(l.trial.Role) < 0 {
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
			high = max(high, sec.rate)
			pts = append(pts, point{l.start + (sec.at + sec.width/2).Seconds(), sec.rate})
		}
		p.Add(stroke{[]point{{l.start, offered}, {l.start + l.length, offered}}, line(ink("muted"), 1, 3, 2)}, stroke{pts, line(c, 2)})
	}
	if high == 0 {
		return panel{}, false
	}
	zeroAxis(&p.Y, high*1.05, 4, tickNumber)
	laneAxis(&p.X, lanes, sz)
	return panel{title: "requests per second that ended OK; dashed: offered", plot: p, height: 120, right: 4, chart: func() *chart { return rateChart(s, lanes, p) }}, true
}

// rateChart is the panel for the script.
func rateChart(s *summary, lanes []lane, p *plot.Plot) *chart {
	data := &chart{
		Title: "requests that ended OK, all operations", X: axisOf(p.X, laneLabel(lanes), unitSeconds), Y: axisOf(p.Y, "requests per second", unitRate),
		Spans: spans(lanes), Marks: epochMarks(lanes), Sync: "time",
	}
	for _, x := range s.sides {
		data.Columns = append(data.Columns, column{Label: plain(x.deployment.Name), Colour: string(x.role), Style: bold})
	}
	data.Columns = append(data.Columns, column{Label: "offered", Colour: "muted", Style: dashed})
	for _, l := range lanes {
		side := s.index(l.trial.Role)
		if side < 0 {
			continue
		}
		for _, sec := range laneRates(l, lanes) {
			ys := slices.Repeat([]number{missing}, len(data.Columns))
			ys[len(ys)-1] = brief(l.trial.Load.Rate())
			if !l.trial.Warmup {
				ys[side] = brief(sec.rate)
			}
			data.row(round(l.start+(sec.at+sec.width/2).Seconds(), 2), ys...)
		}
		data.row(round(l.start+l.length+.005, 3)) // nothing joins two trials
	}
	return data
}

// laneRates are a trial's rates, as many as the picture has room for.
func laneRates(l lane, lanes []lane) []secondRate {
	return thinRates(achievedRates(l.trial), max(2, 4000/len(lanes)))
}

// secondRate is the rate over one second of intended starts; the last of a trial may
// be shorter.
type secondRate struct {
	at, width time.Duration
	rate      float64 // requests per second that ended OK
}

// achievedRates sums a trial's operations up by second. A last piece of less than
// half a second is left out: so few arrivals say little.
func achievedRates(t *bench.Trial) []secondRate {
	var rates []secondRate
	for _, m := range t.Measurements {
		for _, sec := range m.Timeline {
			i, found := slices.BinarySearchFunc(rates, sec.At, func(r secondRate, at time.Duration) int { return cmp.Compare(r.at, at) })
			if !found {
				width := time.Second
				if left := t.Load.Length - sec.At; left < width {
					width = left
				}
				if width < time.Second/2 {
					continue
				}
				rates = slices.Insert(rates, i, secondRate{at: sec.At, width: width})
			}
			rates[i].rate += float64(sec.Outcomes.OK) / rates[i].width.Seconds()
		}
	}
	return rates
}

// thinRates keeps the lowest rate of each stretch, so that no stall is lost.
func thinRates(rates []secondRate, want int) []secondRate {
	if len(rates) <= want {
		return rates
	}
	var out []secondRate
	for chunk := range slices.Chunk(rates, (len(rates)+want-1)/want) {
		lowest := chunk[0]
		for _, r := range chunk[1:] {
			if r.rate < lowest.rate {
				lowest = r
			}
		}
		out = append(out, lowest)
	}
	return out
}
