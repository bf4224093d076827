package verdict

import (
	"cmp"
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/stat"

	"oauthbench/bench/stats"
)

// Sample is one answered request of a warm-up pilot.
type Sample struct {
	Operation string
	At        time.Duration // intended start, from the pilot's start
	Response  time.Duration // positive
}

// settlingBin is the width of the bins in which settling is looked for: method
// section 5. It grows until a bin holds leastInBin requests on average.
const (
	settlingBin = 250 * time.Millisecond
	leastInBin  = 5
)

// Settled returns how long a freshly started version took until its response times
// were steady: the truncation point of MSER over bins of the median log response
// time, each request relative to its operation's median. ok is false when the pilot
// was too short to tell; then the duration is how much of it was looked at.
//
// Source: method section 5; White 1997, Hoad & Robinson 2011 (stats.MSER).
func Settled(samples []Sample, length time.Duration) (after time.Duration, ok bool) {
	if len(samples) == 0 || length <= 0 {
		return 0, false
	}
	width := max(settlingBin, length*leastInBin/time.Duration(len(samples)))
	level := map[string]float64{}
	for operation, logs := range byOperation(samples, func(Sample) bool { return true }) {
		slices.Sort(logs)
		level[operation] = stats.Median(logs)
	}
	bins := make([][]float64, length/width)
	for _, s := range samples {
		if i := int(s.At / width); i < len(bins) {
			bins[i] = append(bins[i], math.Log(float64(s.Response))-level[s.Operation])
		}
	}
	var series []float64
	var starts []time.Duration
	for i, bin := range bins {
		if len(bin) > 0 {
			slices.Sort(bin)
			series = append(series, stats.Median(bin))
			starts = append(starts, time.Duration(i)*width)
		}
	}
	discard, settled := stats.MSER(series)
	if !settled {
		return length, false
	}
	return starts[discard], true
}

// pilotWindows is into how many equal parts a pilot is cut to see how much a
// quantile scatters.
const pilotWindows = 6

// PilotNoise estimates how much the pairs of a comparison will scatter, from what
// one version showed after it had settled: the standard deviation of a log quantile
// over equal windows, times the square root of two, for a ratio has two of them. Margins
// and the least are those of Input. It knows nothing of the difference between starts. Operations with fewer than four
// requests beyond the quantile in the whole pilot are left out.
func PilotNoise(samples []Sample, settled time.Duration, quantiles []float64, margins []Margin,
	least time.Duration) []Noise {
	var all []Noise
	in := Design{Margins: margins, LeastMargin: least}
	for operation, logs := range byOperation(samples, func(s Sample) bool { return s.At >= settled }) {
		for _, q := range quantiles {
			if float64(len(logs))*(1-q) < 4 || len(logs) < 2*pilotWindows {
				continue
			}
			size := len(logs) / pilotWindows
			var values []float64
			for w := range pilotWindows {
				window := slices.Sorted(slices.Values(logs[w*size : (w+1)*size]))
				values = append(values, stats.Quantile(window, q))
			}
			all = append(all, Noise{
				Operation: operation, Quantile: q, Pairs: pilotWindows, Requests: float64(size),
				Deviation: math.Sqrt2 * stat.StdDev(values, nil), Margin: in.margin(operation, q, values),
			})
		}
	}
	slices.SortFunc(all, func(a, b Noise) int {
		return cmp.Or(cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Quantile, b.Quantile))
	})
	return all
}

// byOperation are the log response times in ns of the samples that keep chooses,
// in their order.
func byOperation(samples []Sample, keep func(Sample) bool) map[string][]float64 {
	logs := map[string][]float64{}
	for _, s := range samples {
		if keep(s) {
			logs[s.Operation] = append(logs[s.Operation], math.Log(float64(s.Response)))
		}
	}
	return logs
}
