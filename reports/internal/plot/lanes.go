package plot

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// lane is where one trial lies on a common axis, in seconds without pauses.
type lane struct {
	number        int // from 1, in the order of the run
	trial         *bench.Trial
	start, length float64
	out           bool // left out of the comparison, by itself or with its pair
}

// layTrials lays trials side by side with a small fixed gap; deciding tells of each
// whether the comparisons contain it.
func layTrials(run *bench.Run, deciding []bool) []lane {
	var lanes []lane
	var total float64
	for i := range run.Trials {
		t := &run.Trials[i]
		length := t.Load.Length.Seconds()
		for _, m := range t.Measurements {
			for _, sec := range m.Timeline {
				if at := sec.At.Seconds(); sec.Outcomes.Total() > 0 && at >= length {
					length = at + 1
				}
			}
		}
		if rates := summary.AchievedRates(t); len(rates) > 0 {
			length = max(length, (rates[len(rates)-1].At + rates[len(rates)-1].Width).Seconds())
		}
		lanes = append(lanes, lane{number: i + 1, trial: t, length: max(length, 1), out: !t.Warmup && !deciding[i]})
		total += max(length, 1)
	}
	at := 0.0
	for i := range lanes {
		lanes[i].start = at
		at += lanes[i].length + .01*total/math.Sqrt(float64(len(lanes)))
	}
	return lanes
}

// middle is the middle of the second of a trial that begins at at: of the last one, the middle
// of what the trial has of it, so that no line leaves its trial.
func (l lane) middle(at time.Duration) float64 {
	return l.start + at.Seconds() + min(1, max(0, l.length-at.Seconds()))/2
}

// laneAxis is the axis of time that panels of one run share.
func laneAxis(a *plot.Axis, lanes []lane, sz size) {
	end := lanes[len(lanes)-1]
	a.Min, a.Max = 0, end.start+end.length
	a.Tick.Marker = plot.ConstantTicks(laneTicks(lanes, sz))
}

// laneTicks number the trials in even steps; where each is numbered, warm-ups, which are short,
// have no room for it.
func laneTicks(lanes []lane, sz size) []plot.Tick {
	whole := slices.DeleteFunc(slices.Clone(lanes), func(l lane) bool { return l.trial.Warmup })
	most := 30
	if sz.narrow {
		most = 12
	}
	stride := 1
	for _, round := range []int{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000} {
		if stride = round; len(lanes) <= most*round {
			break
		}
	}
	if stride == 1 && len(whole) > 0 {
		lanes = whole
	}
	var ticks []plot.Tick
	for _, l := range lanes {
		if l.number%stride == 0 {
			ticks = append(ticks, plot.Tick{Value: l.start + l.length/2, Label: strconv.Itoa(l.number)})
		}
	}
	return ticks
}

func laneLabel(lanes []lane) string {
	i := max(0, slices.IndexFunc(lanes, func(l lane) bool { return !l.trial.Warmup }))
	return fmt.Sprintf("trial number (%s each)", units.Duration(lanes[i].trial.Load.Length))
}

// trialBands puts a band behind each trial, topped by a stroke in its version's
// colour, and a cross on those that are left out of the comparison.
type trialBands []lane

func (b trialBands) Plot(c draw.Canvas, p *plot.Plot) {
	trX, _ := p.Transforms(&c)
	for _, l := range b {
		x0, x1 := trX(l.start), trX(l.start+l.length)
		c.FillPolygon(ink("band"), []vg.Point{{X: x0, Y: c.Min.Y}, {X: x1, Y: c.Min.Y}, {X: x1, Y: c.Max.Y},
			{X: x0, Y: c.Max.Y}})
	}
	for _, l := range b {
		x0, x1 := trX(l.start), trX(l.start+l.length)
		col := roleColor(l.trial.Role)
		if l.trial.Warmup {
			col = ink("muted")
		}
		c.StrokeLine2(line(col, 2.5), x0, c.Max.Y, x1, c.Max.Y)
		if l.out {
			c.DrawGlyphNoClip(draw.GlyphStyle{Color: ink("ink"), Radius: 3.5, Shape: cross{}},
				vg.Point{X: (x0 + x1) / 2, Y: c.Max.Y - 8})
		}
	}
}

// spans are the lanes for the page's script.
func spans(lanes []lane) []span {
	var all []span
	for _, l := range lanes {
		sp := span{From: number(units.Round(l.start, 2)), To: number(units.Round(l.start+l.length, 2)),
			Colour: string(l.trial.Role), Out: l.out}
		sp.Label = fmt.Sprintf("trial %d, %s, epoch %d", l.number, l.trial.Role, l.trial.Epoch+1)
		switch {
		case l.trial.Warmup:
			sp.Colour, sp.Label = "muted", sp.Label+", warm-up"
		case l.out && len(l.trial.Excluded) == 0:
			sp.Label += ", left out with its pair"
		case l.out:
			sp.Label += ", excluded"
		}
		all = append(all, sp)
	}
	return all
}

// epochMarks are where epochs begin, when there is more than one.
func epochMarks(lanes []lane) []mark {
	var marks []mark
	for i, l := range lanes {
		if i == 0 || l.trial.Epoch != lanes[i-1].trial.Epoch {
			marks = append(marks, mark{number(units.Round(l.start, 2)), "epoch " + strconv.Itoa(l.trial.Epoch+1)})
		}
	}
	if len(marks) < 2 {
		return nil
	}
	return marks
}
