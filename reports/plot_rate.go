package reports

import (
	"cmp"
	"slices"
	"time"

	"gonum.org/v1/plot"

	"oauthbench/bench"
)

// ratePanel shows the achieved rate: how many expected answers came in each second, all
// operations together, against what was offered; false when no trial tells. Of a run
// stored before answers were counted by the second in which they came, it shows how many
// of the requests due in each second ended OK, and says so.
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
	return panel{title: rateTitle(lanes) + " per second; dashed: offered", plot: p, height: 120, right: 4, chart: func() *chart { return rateChart(s, lanes, p) }}, true
}

// rateChart is the panel for the script; nil when no trial but warm-ups has data.
func rateChart(s *summary, lanes []lane, p *plot.Plot) *chart {
	data := &chart{
		Title: rateTitle(lanes) + " per second, all operations", X: axisOf(p.X, laneLabel(lanes), unitSeconds), Y: axisOf(p.Y, "requests per second", unitRate),
		Spans: spans(lanes), Marks: epochMarks(lanes), Sync: "time",
	}
	for _, x := range s.sides {
		data.Columns = append(data.Columns, column{Label: plain(x.deployment.Name), Colour: string(x.role), Style: bold})
	}
	data.Columns = append(data.Columns, column{Label: "offered", Colour: "muted", Style: dashed})
	for _, l := range lanes {
		side := s.index(l.trial.Role)
		if side < 0 || l.trial.Warmup {
			continue
		}
		for _, sec := range laneRates(l, lanes) {
			ys := slices.Repeat([]number{missing}, len(data.Columns))
			ys[len(ys)-1] = brief(l.trial.Load.Rate())
			ys[side] = brief(sec.rate)
			data.row(round(l.start+(sec.at+sec.width/2).Seconds(), 2), ys...)
		}
		data.row(round(l.start+l.length+.005, 3)) // nothing joins two trials
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
	return slices.ContainsFunc(lanes, func(l lane) bool { return answersCounted(l.trial) })
}

// laneRates are a trial's rates, as many as the picture has room for.
func laneRates(l lane, lanes []lane) []secondRate {
	return thinRates(achievedRates(l.trial), max(2, 4000/len(lanes)))
}

// secondRate is the rate over one second; the last of intended starts may be shorter.
type secondRate struct {
	at, width time.Duration
	rate      float64 // requests per second that ended OK
}

// answersCounted tells whether a trial counts its answers by the second in which they came.
func answersCounted(t *bench.Trial) bool {
	return slices.ContainsFunc(t.Measurements, func(m bench.Measurement) bool {
		return slices.ContainsFunc(m.Timeline, func(s bench.Second) bool { return s.Answered > 0 })
	})
}

// achievedRates sums a trial's operations up by second: the answers that came in each
// whole second of its schedule and, of a server that fell behind, in each after it.
func achievedRates(t *bench.Trial) []secondRate {
	if !answersCounted(t) {
		return dueRates(t)
	}
	const most = 48 * 60 * 60 // seconds: a trial takes a day at most; what is damaged may say anything
	whole := int(min(max(t.Load.Length/time.Second, 0), most))
	rates := make([]secondRate, whole)
	for _, m := range t.Measurements {
		for _, sec := range m.Timeline {
			i := int(sec.At / time.Second)
			// In the second that ends the schedule some always come: that alone is not behind.
			if sec.Answered <= 0 || i < 0 || i > most || i == whole && !answersAfter(t, sec.At) {
				continue
			}
			for len(rates) <= i {
				rates = append(rates, secondRate{})
			}
			rates[i].rate += float64(sec.Answered)
		}
	}
	for i := range rates {
		rates[i].at, rates[i].width = time.Duration(i)*time.Second, time.Second
	}
	return rates
}

// answersAfter tells whether answers came later than in the second that begins at at.
func answersAfter(t *bench.Trial, at time.Duration) bool {
	return slices.ContainsFunc(t.Measurements, func(m bench.Measurement) bool {
		return slices.ContainsFunc(m.Timeline, func(s bench.Second) bool { return s.At > at && s.Answered > 0 })
	})
}

// dueRates are, of a trial that does not count its answers by second, the requests due in
// each second that ended OK. A last piece of less than half a second is left out: so few
// arrivals say little.
func dueRates(t *bench.Trial) []secondRate {
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
