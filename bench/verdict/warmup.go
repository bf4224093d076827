package verdict

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/oauthbench/oauthbench/bench/stats"
)

// Sample is one answered request of a warm-up pilot.
type Sample struct {
	Operation string
	At        time.Duration // intended start, from the pilot's start
	Response  time.Duration // It is above 0.
}

// settlingBin is the width of the bins in which settling is looked for: method
// section 5. It grows until a bin holds leastInBin requests on average.
const (
	settlingBin = 250 * time.Millisecond
	leastInBin  = 5
)

// MSER cuts any series somewhere, also one that is nothing but noise. What it cuts off is a
// warm-up only where it differs from the rest beyond chance, by the rank-sum test, and by more than
// would matter to any margin (of the logarithm).
const (
	cutLevel = 0.005
	leastCut = 0.025
)

// Settled returns how long a freshly started version took until its response times
// were steady: the truncation point of MSER over bins of the median log response
// time, each request relative to its operation's median; 0 where what lies before it is like
// what follows. ok is false when the pilot
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
	switch {
	case len(series) >= leastBins && alike(series[:discard], series[discard:]):
		return 0, true
	case !settled:
		return length, false
	}
	return starts[discard], true
}

// leastBins is how many bins can show a difference at cutLevel when the first half is cut off.
const leastBins = 10

// alike tells whether two parts of a pilot differ by no more than chance does.
func alike(before, after []float64) bool {
	shifts := stats.NewShifts(before, after)
	return 2*min(shifts.PAbove(0), shifts.PBelow(0)) > cutLevel || math.Abs(shifts.HodgesLehmann()) < leastCut
}

// Windows are the equal parts into which a pilot is cut to see how much a quantile scatters: as many as
// leave so many requests beyond the quantile in each.
const (
	leastWindows   = 6
	mostWindows    = 24
	beyondInWindow = 5
)

// sharedSequence is what remains of the standard deviation of a ratio when both of its
// trials have the same arrivals and the same requests: at least 1.4 times the time would
// give as much (docs/method.md), so that it is 1/sqrt(1.4). Windows of a pilot share nothing.
const sharedSequence = 0.845

// PilotNoise estimates how much the pairs of a comparison will scatter, from what one
// version showed after it had settled: adjacent windows of the pilot are like the trials of
// a pair. Their differences are not misled by a level that drifts, as pairs are
// not. Margins are those of the design. It knows nothing of the difference between starts.
// Operations with fewer than four requests beyond the quantile in the whole pilot are left
// out.
func PilotNoise(samples []Sample, settled time.Duration, quantiles []float64, d Design) []Noise {
	var all []Noise
	for operation, logs := range byOperation(samples, func(s Sample) bool { return s.At >= settled }) {
		for _, q := range quantiles {
			if float64(len(logs))*(1-q) < 4 || len(logs) < 2*leastWindows {
				continue
			}
			windows := min(max(int(float64(len(logs))*(1-q)/beyondInWindow), leastWindows), mostWindows)
			size := len(logs) / windows
			var values []float64
			for w := range windows {
				window := slices.Sorted(slices.Values(logs[w*size : (w+1)*size]))
				values = append(values, stats.Quantile(window, q))
			}
			all = append(all, Noise{
				Operation: operation, Quantile: q, Pairs: windows, Requests: float64(size),
				Freedom:   (windows - 1) / 2, // Neighbours share a window, and the largest do not count.
				Deviation: sharedSequence * central(adjacent(values)), Margin: d.margin(operation, q, values),
			})
		}
	}
	slices.SortFunc(all, func(a, b Noise) int {
		return cmp.Or(cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Quantile, b.Quantile))
	})
	return all
}

// adjacent are the differences of neighbours.
func adjacent(values []float64) []float64 {
	var differences []float64
	for i, v := range values[1:] {
		differences = append(differences, v-values[i])
	}
	return differences
}

// Pooled is the noise of the ratio of versions that were each watched alone: the variance of
// a ratio is the mean of what twice each of them would give. The margin is the widest.
func Pooled(each []Noise) []Noise {
	var all []Noise
	var of []int
	for _, n := range each {
		i := slices.IndexFunc(all, func(m Noise) bool { return m.Operation == n.Operation && m.Quantile == n.Quantile })
		if i < 0 {
			all, of = append(all, n), append(of, 1)
			continue
		}
		p, k := &all[i], float64(of[i])
		// Each is brought to the requests of the first: sampling noise falls with their root.
		n = n.Scaled(p.Requests)
		p.Deviation = math.Sqrt((k*p.Deviation*p.Deviation + n.Deviation*n.Deviation) / (k + 1))
		p.Margin = max(p.Margin, n.Margin)
		p.Freedom += n.Freedom
		of[i]++
	}
	return all
}

// WithEarlier adds to the noise that a pilot saw what pairs of earlier runs on the same machine
// scattered by. They count at most as much as the pilot: the machine may have changed its mood
// since. What the pilot had too few requests for is theirs alone.
func WithEarlier(pilot, earlier []Noise) []Noise {
	all := slices.Clone(pilot)
	for _, e := range earlier {
		i := slices.IndexFunc(all, func(n Noise) bool { return n.Operation == e.Operation && n.Quantile == e.Quantile })
		if i < 0 {
			all = append(all, e)
			continue
		}
		p := &all[i]
		if p.Requests > 0 {
			e = e.Scaled(p.Requests)
		}
		theirs := min(e.Freedom, p.Freedom)
		own := float64(p.Freedom)
		p.Deviation = math.Sqrt((own*p.Deviation*p.Deviation + float64(theirs)*e.Deviation*e.Deviation) /
			max(own+float64(theirs), 1))
		p.Freedom += theirs
	}
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
