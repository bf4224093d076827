package faults

import (
	"io"
	"net/http"
	"time"
)

// failing answers 500 in place of next, which does nothing then.
func failing(f Fault, seed uint64, next http.Handler) http.Handler {
	c := NewChance(f.Number, seed)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c.Strikes() {
			plantedError(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func bursting(f Fault, _ uint64, next http.Handler) http.Handler {
	start, burst := time.Now(), recurring(f)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if burst(time.Since(start)) > 0 {
			plantedError(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func plantedError(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusInternalServerError)
	io.WriteString(w, `{"error":"server_error","error_description":"planted fault"}`+"\n")
}
