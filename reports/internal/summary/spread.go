package summary

import (
	"math"
	"slices"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/stats"
)

// Located is a quantile of one version's merged histogram, with the 90 % interval that
// its trials leave. Low is 0 and High negative when there are too few to tell.
type Located struct {
	Value     time.Duration `json:"value_ns"`
	Low, High time.Duration `json:"-"`
}

// Known tells whether there is an interval.
func (l Located) Known() bool { return l.High > 0 }

// leastEpochs is how many epochs make epochs the groups of an interval; with fewer, the
// trials are, and what a start of the servers does is not in it.
const leastEpochs = 4

// Locate finds quantiles of all trials together, each with the interval of the
// delete-a-group jackknife on the logarithm. Trials within an epoch share their servers'
// start, so that epochs are the groups when there are enough of them.
func Locate(trials []bench.Trial, operation string, qs ...float64) []Located {
	groups := map[int]*hdr.PackedHistogram{}
	all := bench.NewHistogram()
	epochs := map[int]bool{}
	for _, t := range trials {
		epochs[t.Epoch] = true
	}
	for i, t := range trials {
		m := t.Measurement(operation)
		if m == nil || m.Response == nil || m.Response.Count() == 0 {
			continue
		}
		all.Merge(m.Response)
		g := i
		if len(epochs) >= leastEpochs {
			g = t.Epoch
		}
		if groups[g] == nil {
			groups[g] = m.Response.HDR()
			continue
		}
		groups[g].Merge(m.Response.HDR()) // the same geometry: nothing falls out
	}
	out := make([]Located, len(qs))
	for i, v := range all.Quantiles(qs...) {
		out[i].Value = v
	}
	whole := occupied(all.HDR())
	without := make([][]float64, len(qs))
	for _, g := range groups {
		rest := whole.minus(occupied(g))
		for i, q := range qs {
			without[i] = append(without[i], math.Log(float64(max(rest.quantile(q), 1))))
		}
	}
	for i, l := range out {
		slices.Sort(without[i]) // a map has no order, and sums of floating point have
		low, high := stats.Jackknife(math.Log(float64(max(l.Value, 1))), without[i], .05)
		if l.Value > 0 && !math.IsInf(high, 1) {
			out[i].Low, out[i].High = time.Duration(math.Round(math.Exp(low))),
				time.Duration(math.Round(math.Exp(high)))
		}
	}
	return out
}

// cells are the occupied cells of a histogram, ascending.
type cells struct{ at, count []int64 }

func occupied(h *hdr.PackedHistogram) cells {
	n := h.Populated()
	c := cells{make([]int64, 0, n), make([]int64, 0, n)}
	for at, count := range h.ForEachBucket {
		c.at, c.count = append(c.at, at), append(c.count, count)
	}
	return c
}

// minus takes away the cells of a part.
func (c cells) minus(part cells) cells {
	rest := cells{c.at, slices.Clone(c.count)}
	k := 0
	for i, at := range part.at {
		for rest.at[k] < at {
			k++
		}
		rest.count[k] -= part.count[i]
	}
	return rest
}

// quantile is the nearest rank, to the cell; 0 when there is nothing.
func (c cells) quantile(q float64) int64 {
	var n, below int64
	for _, count := range c.count {
		n += count
	}
	rank := int64(q * float64(n-1))
	for i, count := range c.count {
		if below += count; below > rank {
			return c.at[i]
		}
	}
	return 0
}

// ShownTails are the quantiles that versions are set side by side at: all that are compared
// but the median.
var ShownTails = bench.ComparedQuantiles[1:]
