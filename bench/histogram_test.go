package bench

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// sample draws log-normal times with a slow tail: what latencies look like.
func sample(n int, seed uint64) []time.Duration {
	rng := rand.New(rand.NewPCG(seed, 0))
	out := make([]time.Duration, n)
	for i := range out {
		out[i] = time.Duration(math.Exp(rng.NormFloat64()*0.8) * 3e6)
		if rng.IntN(100) == 0 {
			out[i] *= 40
		}
	}
	return out
}

func histogramOf(ds []time.Duration) *Histogram {
	h := NewHistogram()
	for _, d := range ds {
		h.Record(d)
	}
	return h
}

// type7 is the definition, on the sorted sample itself.
func type7(sorted []time.Duration, q float64) float64 {
	h := q * float64(len(sorted)-1)
	i := int(h)
	next := min(i+1, len(sorted)-1)
	return float64(sorted[i]) + (h-float64(i))*float64(sorted[next]-sorted[i])
}

func TestQuantilesAreWithinATenthOfAPercent(t *testing.T) {
	qs := []float64{0, 0.01, 0.5, 0.5, 0.9, 0.95, 0.99, 0.999, 1}
	for _, n := range []int{1, 2, 3, 10, 99, 100, 1000, 20_000} {
		for seed := range uint64(5) {
			ds := sample(n, seed)
			h := histogramOf(ds)
			slices.Sort(ds)
			got := h.Quantiles(qs...)
			for i, q := range qs {
				want := type7(ds, q)
				if math.Abs(float64(got[i])-want) > want*0.001+1 {
					t.Fatalf("n=%d seed=%d: quantile %v = %v; want %v", n, seed, q, got[i], time.Duration(want))
				}
			}
			if !slices.IsSorted(got) || got[len(got)-1] != h.Max() || h.Max() != ds[n-1] || h.Min() != ds[0] {
				t.Fatalf("n=%d: quantiles %v, min %v, max %v; want ascending, exact extremes %v and %v", n, got,
					h.Min(), h.Max(), ds[0], ds[n-1])
			}
		}
	}
}

func TestMergeIsTheSum(t *testing.T) {
	a, b := sample(3000, 1), sample(500, 2)
	sum := histogramOf(a)
	sum.Merge(histogramOf(b))
	sum.Merge(NewHistogram())
	sum.Merge(nil)
	sameHistogram(t, sum, histogramOf(append(slices.Clone(a), b...)))

	into := NewHistogram()
	into.Merge(histogramOf(a))
	sameHistogram(t, into, histogramOf(a))
}

func sameHistogram(t *testing.T, got, want *Histogram) {
	t.Helper()
	if !slices.Equal(got.Steps(), want.Steps()) || got.Count() != want.Count() || got.min != want.min ||
		got.max != want.max ||
		math.Abs(got.sum-want.sum) > 1e-6*want.sum || got.outOfRange != want.outOfRange {
		t.Fatalf("histogram of %d in [%v, %v] mean %v; want %d in [%v, %v] mean %v",
			got.Count(), got.min, got.max, got.Mean(), want.Count(), want.min, want.max, want.Mean())
	}
}

func TestHistogramReadsBackEqual(t *testing.T) {
	outside := NewHistogram()
	outside.Record(-time.Second)
	outside.Record(2 * time.Hour)
	for name, h := range map[string]*Histogram{
		"empty":        NewHistogram(),
		"one":          histogramOf(sample(1, 1)),
		"many":         histogramOf(sample(5000, 1)),
		"out of range": outside,
	} {
		data, err := json.Marshal(h)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		back := &Histogram{}
		if err := json.Unmarshal(data, back); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		sameHistogram(t, back, h)
		back.Record(time.Millisecond) // and is usable
	}
}

func TestOutOfRangeIsCountedNotLost(t *testing.T) {
	h := NewHistogram()
	h.Record(-1)
	h.Record(2 * time.Hour)
	h.Record(time.Millisecond)
	if h.Count() != 3 || h.OutOfRange() != 2 || h.Max() != time.Hour || h.Min() != 0 {
		t.Errorf("count %d, out of range %d, min %v, max %v; want 3, 2, 0s, 1h", h.Count(), h.OutOfRange(), h.Min(),
			h.Max())
	}
}

func TestStepsHoldEveryValue(t *testing.T) {
	h := histogramOf(sample(5000, 3))
	var n int64
	steps := h.Steps()
	for i, s := range steps {
		n += s.Count
		if i > 0 && s.Value <= steps[i-1].Value {
			t.Fatal("steps do not ascend")
		}
	}
	if n != h.Count() {
		t.Errorf("steps hold %d values; want %d", n, h.Count())
	}
}

func FuzzHistogramReader(f *testing.F) {
	for _, h := range []*Histogram{NewHistogram(), histogramOf(sample(100, 1))} {
		data, err := json.Marshal(h)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"hdr":"HISTFAAAABx4nJNpmSzMwMDAxQABzFCaEUoz2X+AsQBAgAJB","count":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		h := &Histogram{}
		if json.Unmarshal(data, h) != nil || h.packed == nil {
			return
		}
		h.Quantiles(0, 0.5, 1)
		if _, err := json.Marshal(h); err != nil {
			t.Errorf("a histogram that was read cannot be written: %v", err)
		}
	})
}

// A maximum below what was counted would bend P99 down to it, and nobody would see.
func TestForgedExtremesAreRefused(t *testing.T) {
	h := NewHistogram()
	for i := range 1000 {
		h.Record(time.Duration(1+i) * time.Millisecond)
	}
	data, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	for _, forged := range []string{
		strings.Replace(string(data), `"max_ns":1000000000`, `"max_ns":900000000`, 1),
		strings.Replace(string(data), `"max_ns":1000000000`, `"max_ns":1100000000`, 1),
		strings.Replace(string(data), `"min_ns":1000000`, `"min_ns":900000`, 1),
	} {
		if forged == string(data) {
			t.Fatal("nothing was forged")
		}
		if err := json.Unmarshal([]byte(forged), NewHistogram()); err == nil ||
			!strings.Contains(err.Error(), "reach from") {
			t.Errorf("error %v; want the counts named", err)
		}
	}
}

// A histogram that was read is a small thing, and does all that a recording one does.
func TestReadHistogramIsSparseAndWhole(t *testing.T) {
	a, b := sample(3000, 1), sample(500, 2)
	read := func(ds []time.Duration) *Histogram {
		data, err := json.Marshal(histogramOf(ds))
		if err != nil {
			t.Fatal(err)
		}
		h := &Histogram{}
		if err := json.Unmarshal(data, h); err != nil {
			t.Fatal(err)
		}
		return h
	}
	both := histogramOf(append(slices.Clone(a), b...))
	sum := read(a)
	sum.Merge(read(b))
	sameHistogram(t, sum, both)
	sum = NewHistogram()
	sum.Merge(read(a))
	sum.Merge(histogramOf(b))
	sameHistogram(t, sum, both)
	more := read(a)
	for _, d := range b {
		more.Record(d)
	}
	sameHistogram(t, more, both)
	// What is written then is not what was read.
	data, err := json.Marshal(more)
	if err != nil {
		t.Fatal(err)
	}
	again := &Histogram{}
	if err := json.Unmarshal(data, again); err != nil {
		t.Fatal(err)
	}
	sameHistogram(t, again, both)
	sameHistogram(t, read(a), histogramOf(a))

	// Its memory: 3,000 values are in fewer cells of 4 bytes of place and 1 or 2 of count.
	if h := read(a); h.counts != nil || h.packed.GetMemorySize() > 6*3000+300 {
		t.Errorf("%d bytes", h.packed.GetMemorySize())
	}
}

// cellSize is what HdrHistogram itself says of every cell.
func TestCellSize(t *testing.T) {
	h := NewHistogram()
	for v := int64(1); v < histogramHighest; v = v*1013/1000 + 1 {
		h.Record(time.Duration(v))
	}
	h.Record(time.Duration(histogramHighest))
	for _, bar := range h.counts.Distribution() {
		if got, want := cellSize(bar.From), bar.To-bar.From+1; got != want {
			t.Fatalf("cell of %d ns: %d ns wide; want %d", bar.From, got, want)
		}
	}
}
