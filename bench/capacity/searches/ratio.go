package searches

import (
	"fmt"
	"math"

	"github.com/oauthbench/oauthbench/bench/capacity"
	"github.com/oauthbench/oauthbench/bench/stats"
	"github.com/oauthbench/oauthbench/bench/verdict"
)

// Ratio is the candidate's capacity over the baseline's, with its 90 % interval.
type Ratio struct {
	capacity.Interval
	// Searches is how many on each deployment the interval rests on: of one alone it holds
	// what single trials scatter, and nothing of what starts do.
	Searches int `json:"searches"`
}

// compare decides whether the candidate carries enough.
func (f *Found) compare(failed bool) {
	f.Ratio = f.ratio()
	switch m := f.Rule.Margin; {
	case failed:
	case f.Decision == verdict.Inconclusive:
	case f.Ratio == nil:
		f.Decision = verdict.Inconclusive
		f.Reasons = append(f.Reasons, "one capacity lies above the generator's limit: the ratio is not known")
	case f.Ratio.Low >= 1-m:
		f.Decision = verdict.Pass
	case f.Ratio.High < 1 && f.Ratio.Estimate <= 1-m:
		f.Decision = verdict.Regression
		f.Reasons = append(f.Reasons, fmt.Sprintf("capacity %v, margin %.3g %%", f.Ratio, 100*m))
	default:
		f.Decision = verdict.Inconclusive
		f.Reasons = append(f.Reasons, fmt.Sprintf("capacity %v: with a margin of %.3g %% this decides nothing",
			f.Ratio, 100*m))
	}
}

// String is "×0.97 [0.94, 1.01]".
func (r *Ratio) String() string { return fmt.Sprintf("×%.3f [%.3f, %.3f]", r.Estimate, r.Low, r.High) }

// ratio is the candidate's capacity over the baseline's, nil when a side has no curve. Of
// several searches each gives a logarithm of its own, and Student's t their interval: starts
// and hours differ, and only whole searches show how much.
func (f *Found) ratio() *Ratio {
	b, c := f.Sides[0], f.Sides[1]
	n := min(len(b.Searches), len(c.Searches))
	var logs []float64
	for i := range n {
		before, ok1 := b.Searches[i].Curve()
		after, ok2 := c.Searches[i].Curve()
		if !ok1 || !ok2 {
			return nil
		}
		logs = append(logs, math.Log(after.Half.Estimate/before.Half.Estimate))
	}
	if n >= 2 {
		low, mean, high := stats.Student(logs, 0.05)
		return &Ratio{capacity.Interval{Low: math.Exp(low), Estimate: math.Exp(mean), High: math.Exp(high)}, n}
	}
	if n == 0 {
		return nil
	}
	before, _ := b.Searches[0].Curve()
	after, _ := c.Searches[0].Curve()
	half := math.Hypot(width(before.Half), width(after.Half)) / 2
	return &Ratio{capacity.Interval{
		Low: math.Exp(logs[0] - half), Estimate: math.Exp(logs[0]), High: math.Exp(logs[0] + half),
	}, 1}
}

// width of an interval, as a difference of logarithms.
func width(i capacity.Interval) float64 { return math.Log(i.High / i.Low) }
