package generator

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/pace"
)

// served are the ends of arrivals at a server with so many places, first come, first
// served; 0 places are one for each arrival.
func served(due []time.Duration, places int, service func() time.Duration) []time.Duration {
	free := make([]time.Duration, places)
	ends := make([]time.Duration, len(due))
	for i, at := range due {
		start := at
		if places > 0 {
			k := slices.Index(free, slices.Min(free))
			start = max(at, free[k])
			free[k] = start + service()
			ends[i] = free[k]
			continue
		}
		ends[i] = start + service()
	}
	return ends
}

// queueOf watches the queue of these arrivals.
func queueOf(due []time.Duration, leadIn time.Duration) queueWatch {
	return recorder(func(i int) time.Duration { return due[i] }, len(due), leadIn).queue
}

// What a server does at once, and what it can do, shows in when its answers come; where it
// works on all requests at once, or hardly any wait, nothing is claimed.
func TestAnswersTellWhatAServerCanDo(t *testing.T) {
	const s = 50 * time.Millisecond
	always := func(*rand.Rand) time.Duration { return s }
	random := func(r *rand.Rand) time.Duration { return time.Duration(r.ExpFloat64() * float64(s)) }
	pausing := func(r *rand.Rand) time.Duration { // an answer in a hundred takes fifty times as long
		if r.IntN(100) == 0 {
			return 50 * s
		}
		return s
	}
	type world struct {
		rate    float64
		places  int
		service func(*rand.Rand) time.Duration
		does    float64 // requests per second; 0 where nothing is to be claimed
		alone   bool    // one at a time
	}
	for name, w := range map[string]world{
		"one at a time, at three quarters": {15, 1, always, 20, true},
		"one at a time, at its end":        {19, 1, always, 20, true},
		"one at a time, overrun":           {30, 1, always, 20, false}, // It is never seen with few.
		"one at a time, at random":         {18, 1, random, 20, true},
		"four at a time, at its end":       {76, 4, always, 80, false},
		"four at a time, at random":        {76, 4, random, 80, false},
		"four at a time, overrun":          {120, 4, always, 80, false},
		"all at once, few":                 {19, 0, always, 0, false},
		"all at once, at random":           {19, 0, random, 0, false},
		"all at once, many":                {200, 0, always, 0, false},
		"all at once, some slow":           {100, 0, pausing, 0, false},
		"one at a time, hardly used":       {.5, 1, always, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			wrong := 0
			for seed := range uint64(20) {
				rng := rand.New(rand.NewPCG(seed, 1))
				const length = 60 * time.Second
				var due []time.Duration
				for at := 0.0; at < length.Seconds(); at += rng.ExpFloat64() / w.rate {
					due = append(due, time.Duration(at*float64(time.Second)))
				}
				ends := served(due, w.places, func() time.Duration { return w.service(rng) })
				slices.SortFunc(ends, cmp.Compare[time.Duration])
				watch := queueOf(due, time.Second)
				for _, at := range ends {
					watch.end(at, true)
				}
				seen, ok := pace.Of(watch.queue)
				switch {
				case ok != (w.does > 0), ok && seen.OneAtATime != w.alone,
					ok && math.Abs(seen.Rate()/w.does-1) > .2:
					wrong++
					t.Logf("seed %d: %+v %v: %.1f/s", seed, seen, ok, seen.Rate())
				}
			}
			if wrong > 1 {
				t.Errorf("%d of 20 are wrong", wrong)
			}
		})
	}
}

// The times add up to what was looked at: after the lead-in, until the schedule's end. A
// request that was given up says nothing of what the server was at.
func TestQueueCountsTheTime(t *testing.T) {
	const ms = time.Millisecond
	w := queueOf([]time.Duration{0, 100 * ms, 120 * ms, 130 * ms, 1000 * ms}, 50*ms)
	for _, e := range []struct {
		at     time.Duration
		answer bool
	}{{10 * ms, true}, {150 * ms, true}, {180 * ms, true}, {200 * ms, false}, {1100 * ms, true}} {
		w.end(e.at, e.answer)
	}
	got := w.queue
	want := bench.Queue{Observed: 950 * ms, Busy: 100 * ms, Waiting: 60 * ms}
	if got.Observed != want.Observed || got.Busy != want.Busy || got.Waiting != want.Waiting {
		t.Errorf("%+v; want %+v", got, want)
	}
	// After the answer at 150 ms two waited, and the next came 30 ms later; then one did, and
	// was given up.
	if len(got.Behind) != 2 || got.Behind[1].Answers != 1 || got.Behind[1].Gap != 30*ms || got.Behind[0].Answers != 0 {
		t.Errorf("%+v", got.Behind)
	}
	twice := got
	twice.Behind = slices.Clone(got.Behind)
	twice.Merge(got)
	if twice.Behind[1].Answers != 2 || twice.Observed != 2*got.Observed {
		t.Errorf("%+v", twice)
	}
}
