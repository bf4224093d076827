package generator

import (
	"math/rand/v2"
	"net/http"
	"reflect"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oauthbench/oauthbench/bench"
)

// down refuses what fails says, by when it was sent, and answers the rest after a while.
type down struct {
	transport
	began time.Time
	fails func(at time.Duration, n int) bool
	hangs bool // instead of refusing
	sent  atomic.Int64
}

func (d *down) RoundTrip(r *http.Request) (*http.Response, error) {
	if !d.fails(time.Since(d.began), int(d.sent.Add(1))-1) {
		return d.transport.RoundTrip(r)
	}
	if d.hangs {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	return nil, syscall.ECONNREFUSED
}

// An outage is found with its times and its count, whether it refuses or hangs and however
// late its failures become known; failures one by one, or always, are none.
func TestGapsAreOutages(t *testing.T) {
	const rate, length = 50, 20 * time.Second
	between := func(from, to time.Duration) func(time.Duration, int) bool {
		return func(at time.Duration, _ int) bool { return at >= from && at < to }
	}
	both := []string{"common", "rare"}
	gap := func(from, until time.Duration, failed bench.Outcomes, operations []string, back bool) bench.Gap {
		return bench.Gap{At: from, Length: until - from, Outcomes: failed, Operations: operations, Back: back}
	}
	refused := func(n int64) bench.Outcomes { return bench.Outcomes{Unreachable: n} }
	oneInThree := func(_ time.Duration, n int) bool { return rand.New(rand.NewPCG(1, uint64(n))).IntN(3) == 0 }
	for name, c := range map[string]struct {
		fails func(at time.Duration, n int) bool
		hangs bool
		want  []bench.Gap // to the second
	}{
		"none": {fails: between(0, 0)},
		"refuses for 2 s": {between(4*time.Second, 6*time.Second), false,
			[]bench.Gap{gap(4*time.Second, 6*time.Second, refused(100), both, true)}},
		"hangs for 2 s": {between(4*time.Second, 6*time.Second), true,
			[]bench.Gap{gap(4*time.Second, 6*time.Second, bench.Outcomes{Timeout: 100}, both, true)}},
		"down at the start": {between(0, 3*time.Second), false,
			[]bench.Gap{gap(0, 3*time.Second, refused(150), both, true)}},
		"dies": {between(15*time.Second, time.Hour), false,
			[]bench.Gap{gap(15*time.Second, 20*time.Second, refused(250), both, false)}},
		"never there":          {fails: between(0, time.Hour)},
		"one in three refused": {fails: oneInThree},
		"every other refused":  {fails: func(_ time.Duration, n int) bool { return n%2 == 0 }},
		"twice": {func(at time.Duration, n int) bool {
			return between(4*time.Second, 5*time.Second)(at, n) || between(9*time.Second, 12*time.Second)(at, n)
		}, false,
			[]bench.Gap{gap(4*time.Second, 5*time.Second, refused(50), both, true),
				gap(9*time.Second, 12*time.Second, refused(150), both, true)}},
		"one operation": {func(at time.Duration, n int) bool {
			return n%5 == 4 && between(4*time.Second, 6*time.Second)(at, n)
		}, false,
			[]bench.Gap{gap(4*time.Second, 6*time.Second, refused(20), both[1:], true)}},
		"outage among failures": {func(at time.Duration, n int) bool {
			return n%50 == 7 || between(4*time.Second, 6*time.Second)(at, n)
		}, false,
			[]bench.Gap{gap(4*time.Second, 6*time.Second, refused(100), both, true)}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, err := bench.Draw("constant", bench.Constant(rate, length), 1)
				if err != nil {
					t.Fatal(err)
				}
				tr := &down{began: time.Now(), fails: c.fails, hangs: c.hangs}
				tr.wait = func(_ time.Time, n int) time.Duration { return time.Duration(n%7) * 30 * time.Millisecond }
				rec := NewRecorder(s, 0, 5*time.Second)
				a := Attack{Client: NewClientTransport(5*time.Second, tr), Schedule: s, Workload: workload{}}
				if err := a.Run(t.Context(), rec); err != nil {
					t.Fatal(err)
				}
				got := rec.Gaps(length)
				for i := range got {
					end := (got[i].At + got[i].Length).Round(time.Second)
					got[i].At = got[i].At.Round(time.Second)
					got[i].Length = end - got[i].At
				}
				if !reflect.DeepEqual(got, c.want) {
					t.Errorf("gaps %+v; want %+v", got, c.want)
				}
				if len(rec.gaps.endings) > 0 {
					t.Errorf("%d endings are left", len(rec.gaps.endings))
				}
			})
		})
	}
}

// The order in which results come makes no difference.
func TestGapsDoNotDependOnTheOrderOfResults(t *testing.T) {
	const n = 500
	due := make([]time.Duration, n)
	for i := range due {
		due[i] = time.Duration(i) * time.Millisecond
	}
	outcome := func(i int) bench.Outcome {
		if i >= 100 && i < 130 {
			return bench.Unreachable
		}
		return bench.OK
	}
	want := []bench.Gap{{
		At: 100 * time.Millisecond, Length: 30 * time.Millisecond,
		Outcomes: bench.Outcomes{Unreachable: 30}, Operations: []string{"token"}, Back: true,
	}}
	for seed := range uint64(20) {
		f := gapFinder{due: func(i int) time.Duration { return due[i] }}
		for _, i := range rand.New(rand.NewPCG(seed, 0)).Perm(n) {
			f.end(i, "token", outcome(i))
		}
		if got := f.gaps(time.Second); !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d: %+v; want %+v", seed, got, want)
		}
	}
	// What never ended, because we broke it off, neither begins nor ends a gap.
	f := gapFinder{due: func(i int) time.Duration { return due[i] }}
	for i := range n {
		if !slices.Contains([]int{50, 110, 300}, i) {
			f.end(i, "token", outcome(i))
		}
	}
	want[0].Outcomes.Unreachable = 29
	if got := f.gaps(time.Second); !reflect.DeepEqual(got, want) {
		t.Errorf("with some broken off: %+v; want %+v", got, want)
	}
}
