package upgrade

import (
	"slices"
	"time"

	"github.com/oauthbench/oauthbench/bench/stats"
)

// changes are the figures of both sides alone, operation by operation and in all, then what
// their processes spent. What one side has nothing of is left out.
func changes(samples []Sample, steps []Step, readings []Reading) (all []Change) {
	begun, switched := stagesOf(steps)
	if begun.IsZero() || switched.IsZero() {
		return nil
	}
	times := func(op Operation, stage Stage) (all []time.Duration) {
		for _, s := range samples {
			if (op == "" || s.Op == op) && stageOf(s, begun, switched) == stage {
				all = append(all, s.Response)
			}
		}
		slices.Sort(all)
		return all
	}
	for _, op := range append([]Operation{""}, Operations()...) {
		before, after := times(op, StageBefore), times(op, StageAfter)
		if len(before) == 0 || len(after) == 0 {
			continue
		}
		name := string(op)
		if op == "" {
			name = "all requests"
		}
		for _, percent := range []int{50, 95, 99} {
			all = append(all, Change{percentName(percent) + " " + name, UnitTime, percentile(before, percent),
				percentile(after, percent)})
		}
	}
	for _, g := range []struct {
		what string
		unit Unit
		of   func([]Reading) Figure
	}{
		{"RSS memory", UnitBytes, gauge(func(r Reading) int64 { return r.RSS })},
		{"heap", UnitBytes, gauge(func(r Reading) int64 { return r.Heap })},
		{"goroutines", UnitCount, gauge(func(r Reading) int64 { return r.Goroutines })},
		{"CPU", UnitCores, cores},
	} {
		before, after := g.of(at(readings, Blue)), g.of(at(readings, Green))
		if before.N > 0 && after.N > 0 {
			all = append(all, Change{g.what, g.unit, before, after})
		}
	}
	return all
}

func percentName(percent int) string { return map[int]string{50: "P50", 95: "P95", 99: "P99"}[percent] }

func at(readings []Reading, p Place) (all []Reading) {
	for _, r := range readings {
		if r.Place == p {
			all = append(all, r)
		}
	}
	return all
}

// gauge averages what is read.
func gauge(of func(Reading) int64) func([]Reading) Figure {
	return func(readings []Reading) (f Figure) {
		for _, r := range readings {
			if of(r) > 0 {
				f = f.with(float64(of(r)))
			}
		}
		return f.mean()
	}
}

// cores is the processor time of each second, and on average.
func cores(readings []Reading) (f Figure) {
	for i := 1; i < len(readings); i++ {
		took := readings[i].At.Sub(readings[i-1].At)
		if spent := readings[i].CPU - readings[i-1].CPU; spent >= 0 && readings[i-1].CPU > 0 && took > readEvery/2 {
			f = f.with(float64(spent) / float64(took))
		}
	}
	return f.mean()
}

// with adds one value; Value is their sum until mean is asked for.
func (f Figure) with(value float64) Figure {
	if f.N == 0 {
		f.Low = value
	}
	return Figure{f.N + 1, f.Value + value, min(f.Low, value), max(f.High, value)}
}

func (f Figure) mean() Figure {
	if f.N > 0 {
		f.Value /= float64(f.N)
	}
	return f
}

// percentile is one of sorted times, with the interval between two of them that has the true one
// with at least 95 %, by the binomial law of how many lie below.
func percentile(sorted []time.Duration, percent int) Figure {
	n := len(sorted)
	f := Figure{N: n, Value: float64(quantile(sorted, percent))}
	low, high := stats.QuantileRanks(n, float64(percent)/100, tail)
	if low > 0 {
		f.Low = float64(sorted[low-1])
	}
	if high <= n {
		f.High = float64(sorted[high-1])
	}
	return f
}

// tail is what may lie beyond each end of an interval.
const tail = 0.025
