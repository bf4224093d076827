package authserver

import (
	"context"
	"math"
	"net/http"
	"runtime"
	"sync/atomic"
	"time"
)

func delaying(f Fault, _ uint64, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pause(r.Context(), f.Duration)
		next.ServeHTTP(w, r)
	})
}

func delayingLogNormally(f Fault, seed uint64, next http.Handler) http.Handler {
	var n atomic.Uint64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		z := draw(seed, n.Add(1)).NormFloat64()
		pause(r.Context(), time.Duration(float64(f.Duration)*math.Exp(f.Number*z)))
		next.ServeHTTP(w, r)
	})
}

func delayingEvery(f Fault, _ uint64, next http.Handler) http.Handler {
	var n atomic.Uint64
	every := uint64(f.Number)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1)%every == 0 {
			pause(r.Context(), f.Duration)
		}
		next.ServeHTTP(w, r)
	})
}

// slowing makes the handler take longer by a factor of its own time. What it adds is a
// fraction of a millisecond where the handler is quick, so it is spent exactly.
func slowing(f Fault, _ uint64, next http.Handler) http.Handler {
	return slower{f.Number, spend, next}
}

type slower struct {
	factor float64
	spend  func(context.Context, time.Duration)
	next   http.Handler
}

func (s slower) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	answer := held{header: http.Header{}}
	s.next.ServeHTTP(&answer, r)
	s.spend(r.Context(), time.Duration(s.factor*float64(time.Since(start))))
	answer.release(w)
}

// pause waits for d, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// timerError is by how much an idle process may wake late: the poller of Go counts in
// milliseconds.
const timerError = 2 * time.Millisecond

// spend waits for d to some microseconds: the end of it is spent looking at the clock,
// which costs CPU time as slow code does.
func spend(ctx context.Context, d time.Duration) {
	end := time.Now().Add(d)
	pause(ctx, d-timerError)
	for time.Now().Before(end) && ctx.Err() == nil {
		runtime.Gosched()
	}
}
