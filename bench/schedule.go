package bench

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
	"time"
)

// Schedule is when each arrival of a load is due, so that two deployments can be given the very
// same one. It is no list: it has what arrivals are drawn from, as they are asked for, so that a
// day of ten thousand a second takes no more memory than a second of one. Safe for concurrent use.
type Schedule struct {
	Process string        // name of the Process that draws it
	Rate    float64       // mean offered rate over the whole length, per second
	Length  time.Duration // arrivals lie in [0, Length)
	Count   int           // of arrivals

	drawing     *drawing
	first, skip int // Arrival i is that of number first + i*(skip+1) of the drawing.
	atOnce      bool
}

// Drawing is the version of how arrivals follow from a seed. Runs of other versions have other
// arrivals, by the same laws: 1 drew the whole of a trial in one go.
const Drawing = 2

// Arrival is one request of a load.
type Arrival struct {
	Due    time.Duration // its intended start, from the trial's start
	Stream int           // the index of the stream that it belongs to
	Number int           // from 0 within its stream
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

// MaxArrivals bounds one schedule, whose places are exact to far less than a nanosecond up to there.
const MaxArrivals int64 = 1_000_000_000_000

// Draw makes the schedule of a load. The number of arrivals is the integral of the
// rate, rounded, whatever the process: the offered rate is exact. The same seed
// draws the same schedule. It fails on an unknown process, a negative or
// non-finite rate, a length that is not positive, and above MaxArrivals.
func Draw(process string, load []Segment, seed uint64) (Schedule, error) {
	var total float64
	var length time.Duration
	for _, s := range load {
		if !(s.From >= 0 && s.To >= 0) || math.IsInf(s.From+s.To, 0) {
			return Schedule{}, fmt.Errorf("rates %v to %v per second: want finite and not negative", s.From, s.To)
		}
		if s.Length <= 0 {
			return Schedule{}, fmt.Errorf("segment length %v: want more than 0", s.Length)
		}
		total += s.arrivals()
		length += s.Length
	}
	if length == 0 {
		return Schedule{}, errors.New("a load needs at least one segment")
	}
	if total > float64(MaxArrivals) {
		return Schedule{}, tooMany(total)
	}
	return draw(process, load, length, []stream{{seed: seed, count: int(math.Round(total))}})
}

func tooMany(arrivals float64) error {
	return fmt.Errorf("%.0f arrivals: at most %d fit one schedule; lower the rate or the duration", arrivals,
		MaxArrivals)
}

// draw makes the schedule of streams whose rates go up and down together, as load does.
func draw(process string, load []Segment, length time.Duration, streams []stream) (Schedule, error) {
	k := slices.IndexFunc(Processes, func(p Process) bool { return p.Name == process })
	if k < 0 {
		return Schedule{}, fmt.Errorf("unknown arrival process %q", process)
	}
	d := newDrawing(Processes[k], load, streams)
	// Rounding a stream's count scales it by at most half an arrival.
	return Schedule{Process: process, Rate: float64(d.count) / length.Seconds(), Length: length, Count: d.count,
		drawing: d}, nil
}

// arrivals is how many arrivals the segment has.
func (s Segment) arrivals() float64 { return (s.From + s.To) / 2 * s.Length.Seconds() }

// reach returns the time in seconds at which the segment has seen u arrivals: the
// root of From t + (To-From) t^2 / (2 L) = u, in the form that does not cancel.
func (s Segment) reach(u float64) float64 {
	if u <= 0 {
		return 0
	}
	slope := (s.To - s.From) / s.Length.Seconds()
	speeds := s.From + math.Sqrt(math.Max(0, s.From*s.From+2*slope*u))
	if speeds == 0 {
		return 0
	}
	return 2 * u / speeds
}

// At is arrival i, which is in [0, Count). Arrivals ascend. One after another they cost some
// nanoseconds each, and any of them some microseconds.
func (s Schedule) At(i int) Arrival {
	a := s.drawing.at(s.first + i*(s.skip+1))
	if s.atOnce {
		a.Due = 0
	}
	return a
}

// Find is the i of At for an arrival, by its stream and its number there. The arrival must be one
// of the schedule.
func (s Schedule) Find(stream, number int) int {
	return (s.drawing.find(stream, number) - s.first) / (s.skip + 1)
}

// Of is how many arrivals a stream has, in all shards.
func (s Schedule) Of(stream int) int { return s.drawing.streams[stream].count }

// AtOnce is the schedule with all arrivals due at its beginning.
func (s Schedule) AtOnce() Schedule {
	s.atOnce = true
	return s
}

// Until is the part of the schedule that was due before length.
func (s Schedule) Until(length time.Duration) Schedule {
	s.Count = sort.Search(s.Count, func(i int) bool { return s.At(i).Due >= length })
	s.Length = max(length, 1)
	s.Rate = float64(s.Count) / s.Length.Seconds()
	return s
}

// Shard has every n-th arrival beginning with the i-th: n generators with one
// shard each send exactly the whole. i is in [0, n).
func (s Schedule) Shard(i, n int) Schedule {
	step := s.skip + 1
	s.first, s.skip = s.first+i*step, n*step-1
	s.Count = max(0, s.Count-i+n-1) / n
	s.Rate = float64(s.Count) / s.Length.Seconds()
	return s
}
