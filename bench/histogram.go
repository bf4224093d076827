package bench

import (
	"math"
	"math/bits"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// The geometry every Histogram has, so that any two merge without loss: one
// nanosecond to one hour, three significant digits.
const (
	histogramLowest  = 1
	histogramHighest = int64(time.Hour)
	histogramDigits  = 3
)

// Histogram counts durations with a relative error of at most 0.1 %. Minimum,
// maximum and sum are kept exactly. Its memory is constant while it records (about
// 250 kB); one that was read holds its occupied cells only (some 5 kB), so that a run of
// thousands fits into memory. The zero value is not usable: NewHistogram makes one. Not
// safe for concurrent use.
type Histogram struct {
	counts     *hdr.Histogram       // nil while packed holds them
	packed     *hdr.PackedHistogram // as it was read
	encoded    string               // what packed was read from
	min, max   time.Duration
	sum        float64 // nanoseconds
	outOfRange int64
}

// NewHistogram returns an empty histogram.
func NewHistogram() *Histogram {
	return &Histogram{counts: hdr.New(histogramLowest, histogramHighest, histogramDigits)}
}

// Record adds one duration. Values outside 0 to 1 h are counted at the nearest
// bound and in OutOfRange: a measurement is never dropped.
func (h *Histogram) Record(d time.Duration) {
	if h.counts == nil {
		h.unpack()
	}
	v := int64(d)
	if v < 0 || v > histogramHighest {
		h.outOfRange++
		v = min(max(v, 0), histogramHighest)
	}
	if err := h.counts.RecordValue(v); err != nil {
		// Only a total beyond 2^63 can fail here, after the clamping above.
		h.outOfRange++
		return
	}
	d = time.Duration(v)
	if h.Count() == 1 || d < h.min {
		h.min = d
	}
	h.max = max(h.max, d)
	h.sum += float64(v)
}

// unpack makes room for more values.
func (h *Histogram) unpack() {
	h.counts = hdr.New(histogramLowest, histogramHighest, histogramDigits)
	h.outOfRange += h.packed.MergeInto(h.counts) // the same geometry: nothing falls out
	h.packed, h.encoded = nil, ""
}

// Merge adds all that o holds; o stays as it is. The result is the same as if
// every value had been recorded here.
func (h *Histogram) Merge(o *Histogram) {
	if o == nil || o.Count() == 0 {
		return
	}
	if h.Count() == 0 || o.min < h.min {
		h.min = o.min
	}
	h.max = max(h.max, o.max)
	h.sum += o.sum
	// The geometry is the same, so nothing can fall out; if it did, it would show.
	if h.counts == nil {
		h.unpack()
	}
	h.outOfRange += o.outOfRange
	if o.counts != nil {
		h.outOfRange += h.counts.Merge(o.counts)
	} else {
		h.outOfRange += o.packed.MergeInto(h.counts)
	}
}

// Count is the number of recorded values.
func (h *Histogram) Count() int64 {
	if h.counts == nil {
		return h.packed.TotalCount()
	}
	return h.counts.TotalCount()
}

// OutOfRange is how many recorded values were outside 0 to 1 h.
func (h *Histogram) OutOfRange() int64 { return h.outOfRange }

// Min is the smallest recorded value, exact; 0 when empty.
func (h *Histogram) Min() time.Duration { return h.min }

// Max is the largest recorded value, exact; 0 when empty.
func (h *Histogram) Max() time.Duration { return h.max }

// Mean is the arithmetic mean, exact to rounding; 0 when empty.
func (h *Histogram) Mean() time.Duration {
	if h.Count() == 0 {
		return 0
	}
	return time.Duration(math.Round(h.sum / float64(h.Count())))
}

// Quantile is Quantiles for a single q.
func (h *Histogram) Quantile(q float64) time.Duration { return h.Quantiles(q)[0] }

// Quantiles returns the type-7 quantile (Hyndman and Fan 1996: linear between the
// order statistics around q(n-1)) for each q in [0,1], which must ascend. Each
// lies within 0.1 % of the exact one and within [Min, Max]. Empty: all 0.
func (h *Histogram) Quantiles(qs ...float64) []time.Duration {
	out := make([]time.Duration, len(qs))
	n := h.Count()
	if n == 0 {
		return out
	}
	steps := h.Steps()
	var below int64 // values in the steps before steps[i]
	i := 0
	orderStatistic := func(rank int64) float64 {
		for below+steps[i].Count <= rank {
			below += steps[i].Count
			i++
		}
		return float64(steps[i].Value)
	}
	for k, q := range qs {
		pos := q * float64(n-1)
		rank := int64(math.Floor(pos))
		lo := orderStatistic(rank)
		at, seen := i, below
		hi := orderStatistic(min(rank+1, n-1))
		i, below = at, seen // the next q may need this step again
		out[k] = time.Duration(math.Round(lo + (pos-float64(rank))*(hi-lo)))
	}
	return out
}

// HDR is a copy of the counts as HdrHistogram's own library has them, in nanoseconds.
func (h *Histogram) HDR() *hdr.PackedHistogram {
	if h.counts == nil {
		return h.packed.Clone()
	}
	p := hdr.NewPacked(histogramLowest, histogramHighest, histogramDigits)
	p.MergeFrom(h.counts) // the same geometry: nothing falls out
	return p
}

// cellSize is how many nanoseconds share the cell of v: HdrHistogram halves its
// resolution whenever three digits need one bit more than it has (2,048 cells).
func cellSize(v int64) int64 {
	return 1 << max(0, bits.Len64(uint64(v))-11)
}

// Step is one occupied cell of a histogram: Count values near Value.
type Step struct {
	Value time.Duration
	Count int64
}

// Steps returns the occupied cells in ascending order of value: all a plot of the
// distribution needs. The first and last carry the exact Min and Max.
func (h *Histogram) Steps() []Step {
	cells := h.packed
	if cells == nil {
		cells = h.HDR()
	}
	steps := make([]Step, 0, cells.Populated())
	for from, count := range cells.ForEachBucket {
		middle := time.Duration(from + (cellSize(from)-1)/2)
		steps = append(steps, Step{Value: min(max(middle, h.min), h.max), Count: count})
	}
	// The middle of the outermost cells may miss the exact extremes; with one value
	// in the cell the extreme is that value.
	if n := len(steps); n > 0 {
		if steps[0].Count == 1 {
			steps[0].Value = h.min
		}
		if steps[n-1].Count == 1 {
			steps[n-1].Value = h.max
		}
	}
	return steps
}
