package faults

import (
	"net/http"
	"runtime"
	"time"
)

// burning spends this factor more of the CPU time that a handler itself spends, on its own
// thread.
func burning(f Fault, _ uint64, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		runtime.LockOSThread() // The clock is the thread's.
		defer runtime.UnlockOSThread()
		start := threadTime()
		answer := held{header: http.Header{}}
		next.ServeHTTP(&answer, r)
		spent := threadTime() - start
		for until := start + spent + time.Duration(f.Number*float64(spent)); threadTime() < until; {
			_ = work()
		}
		answer.release(w)
	})
}

// work keeps the thread busy for some microseconds.
//
//go:noinline
func work() (sum uint64) {
	for i := range uint64(2000) {
		sum = sum*6364136223846793005 + i
	}
	return sum
}
