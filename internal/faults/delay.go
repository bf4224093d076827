package faults

import (
	"context"
	"math"
	"net/http"
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
// fraction of a millisecond where the handler is quick, so the wait is exact; and it is a
// wait, so that no other operation is slower for want of a core.
func slowing(f Fault, _ uint64, next http.Handler) http.Handler {
	return &slower{factor: f.Number, wait: waitExactly, next: next}
}

// slower keeps account of what it has added too much: a wait ends late where the cores are
// busy, by a millisecond beside PBKDF2 on two of them, and the next one is shorter for it.
type slower struct {
	factor float64
	wait   func(context.Context, time.Duration)
	next   http.Handler
	ahead  atomic.Int64 // ns waited less ns owed
}

func (s *slower) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	answer := held{header: http.Header{}}
	s.next.ServeHTTP(&answer, r)
	done := time.Now()
	owed := int64(s.factor * float64(done.Sub(start)))
	if left := -s.ahead.Add(-owed); left > 0 {
		s.wait(r.Context(), time.Duration(min(left, owed)))
	}
	s.ahead.Add(int64(time.Since(done)))
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
