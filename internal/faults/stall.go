package faults

import (
	"net/http"
	"time"
)

// window tells how much is left of a time of trouble at an age of the server; 0 when
// there is none.
type window func(age time.Duration) time.Duration

// recurring has its trouble at the end of every period, so that a server starts well.
func recurring(f Fault) window {
	return func(age time.Duration) time.Duration {
		if in := age % f.Period; in >= f.Period-f.Duration {
			return f.Period - in
		}
		return 0
	}
}

func once(f Fault) window {
	return func(age time.Duration) time.Duration {
		if age < f.Period {
			return 0
		}
		return max(0, f.Period+f.Duration-age)
	}
}

func stalling(f Fault, _ uint64, next http.Handler) http.Handler {
	return stall(recurring(f), next)
}

func stallingOnce(f Fault, _ uint64, next http.Handler) http.Handler {
	return stall(once(f), next)
}

// stall neither begins nor ends an answer in the window, as a process that is stopped.
func stall(w window, next http.Handler) http.Handler {
	start := time.Now()
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		pause(r.Context(), w(time.Since(start)))
		answer := held{header: http.Header{}}
		next.ServeHTTP(&answer, r)
		pause(r.Context(), w(time.Since(start)))
		answer.release(out)
	})
}
