package bench

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// Schedule is when each arrival of a load is due: plain data, drawn before the
// clock starts, so that two deployments can be given the very same one.
type Schedule struct {
	Process  string          // name of the Process that drew it
	Rate     float64         // mean offered rate over the whole length, per second
	Length   time.Duration   // arrivals lie in [0, Length)
	Arrivals []time.Duration // intended starts, ascending, from the trial's start
}

// Segment is a stretch of a load whose rate goes in a straight line From one
// offered rate To another, in arrivals per second, both at least 0.
type Segment struct {
	From, To float64
	Length   time.Duration
}

// Constant is a load that keeps one rate.
func Constant(rate float64, length time.Duration) []Segment {
	return []Segment{{From: rate, To: rate, Length: length}}
}

// Process is how arrivals scatter around the offered rate. Points draws the n
// arrivals of a stretch that has unit rate, ascending in [0, n); the segments of
// the load then stretch and squeeze them (time change of a point process).
type Process struct {
	Name, Summary string
	Points        func(n int, rng *rand.Rand) []float64
}

// Processes are the arrival processes there are.
var Processes = []Process{
	{"poisson", "independent users: exponential gaps, the count fixed (default)", poissonPoints},
	{"constant", "evenly spaced, with a random phase", constantPoints},
}

// MaxArrivals bounds one schedule: 8 bytes each, so 400 MB at the very most.
const MaxArrivals = 50_000_000

// Draw makes the schedule of a load. The number of arrivals is the integral of the
// rate, rounded, whatever the process: the offered rate is exact. The same seed
// draws the same schedule. It fails on an unknown process, a negative or
// non-finite rate, a length that is not positive, and above MaxArrivals.
func Draw(process string, load []Segment, seed uint64) (Schedule, error) {
	k := slices.IndexFunc(Processes, func(p Process) bool { return p.Name == process })
	if k < 0 {
		return Schedule{}, fmt.Errorf("unknown arrival process %q", process)
	}
	var total float64
	var length time.Duration
	for _, s := range load {
		if !(s.From >= 0 && s.To >= 0) || math.IsInf(s.From+s.To, 0) {
			return Schedule{}, fmt.Errorf("rates %v to %v per second: want finite and not negative", s.From, s.To)
		}
		if s.Length <= 0 {
			return Schedule{}, fmt.Errorf("segment length %v: want more than 0", s.Length)
		}
		total += (s.From + s.To) / 2 * s.Length.Seconds()
		length += s.Length
	}
	if length == 0 {
		return Schedule{}, errors.New("a load needs at least one segment")
	}
	if total > MaxArrivals {
		return Schedule{}, fmt.Errorf("%.0f arrivals: at most %d fit one schedule; lower the rate or the duration",
			total, MaxArrivals)
	}
	n := int(math.Round(total))
	points := Processes[k].Points(n, rand.New(rand.NewPCG(seed, 0x5eed)))
	// Rounding n scales the whole load by at most half an arrival.
	return Schedule{
		Process:  process,
		Rate:     float64(n) / length.Seconds(),
		Length:   length,
		Arrivals: place(points, load, total/float64(max(n, 1))),
	}, nil
}

// place maps points of unit rate to times: the point at u falls where the integral
// of the rate reaches u x scale.
func place(points []float64, load []Segment, scale float64) []time.Duration {
	arrivals := make([]time.Duration, len(points))
	var begin time.Duration // The segment begins then.
	var before float64      // arrivals before the segment
	i := 0
	for s, seg := range load {
		seconds := seg.Length.Seconds()
		within := (seg.From + seg.To) / 2 * seconds
		last := s == len(load)-1
		for ; i < len(points) && (last || points[i]*scale < before+within); i++ {
			t := seg.reach(points[i]*scale - before)
			// Floating point may overshoot the end by a nanosecond; [0, Length) holds.
			at := min(time.Duration(t*float64(time.Second)), seg.Length-1)
			arrivals[i] = begin + max(at, 0)
		}
		before += within
		begin += seg.Length
	}
	return arrivals
}

// reach returns the time in seconds at which the segment has seen u arrivals: the
// root of From t + (To-From) t^2 / (2 L) = u, in the form that does not cancel.
func (s Segment) reach(u float64) float64 {
	if u <= 0 {
		return 0
	}
	slope := (s.To - s.From) / s.Length.Seconds()
	return 2 * u / (s.From + math.Sqrt(math.Max(0, s.From*s.From+2*slope*u)))
}

// Until is the part of the schedule that was due before length.
func (s Schedule) Until(length time.Duration) Schedule {
	n, _ := slices.BinarySearch(s.Arrivals, length)
	s.Arrivals, s.Length = s.Arrivals[:n], max(length, 1)
	s.Rate = float64(n) / s.Length.Seconds()
	return s
}

// Shard returns every n-th arrival beginning with the i-th: n generators with one
// shard each send exactly the whole. i is in [0, n).
func (s Schedule) Shard(i, n int) Schedule {
	shard := Schedule{Process: s.Process, Length: s.Length}
	for k := i; k < len(s.Arrivals); k += n {
		shard.Arrivals = append(shard.Arrivals, s.Arrivals[k])
	}
	shard.Rate = float64(len(shard.Arrivals)) / s.Length.Seconds()
	return shard
}

// Interleave merges schedules of one process and length into one. owner[k] tells
// which of them the k-th arrival of the whole came from; on a tie the first goes
// first.
func Interleave(streams ...Schedule) (whole Schedule, owner []uint8) {
	if len(streams) == 1 {
		return streams[0], make([]uint8, len(streams[0].Arrivals))
	}
	n := 0
	for _, s := range streams {
		whole.Process = s.Process
		whole.Length = max(whole.Length, s.Length)
		whole.Rate += s.Rate
		n += len(s.Arrivals)
	}
	whole.Arrivals = make([]time.Duration, n)
	owner = make([]uint8, n)
	next := make([]int, len(streams))
	for k := range whole.Arrivals {
		first := -1
		for i, s := range streams {
			if next[i] < len(s.Arrivals) && (first < 0 || s.Arrivals[next[i]] < whole.Arrivals[k]) {
				first = i
				whole.Arrivals[k] = s.Arrivals[next[i]]
			}
		}
		owner[k] = uint8(first)
		next[first]++
	}
	return whole, owner
}
