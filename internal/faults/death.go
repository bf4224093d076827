package faults

import (
	"fmt"
	"net/http"
	"os"
	"sync/atomic"
)

// deathStatus is that of a process which a planted fault has ended.
const deathStatus = 70

// die ends the process without ado, as a crash does.
var die = func(n uint64) {
	fmt.Fprintf(os.Stderr, "planted fault: dies at request %d\n", n)
	os.Exit(deathStatus)
}

// dying ends the process at the n-th request, which gets no answer.
func dying(f Fault, _ uint64, next http.Handler) http.Handler {
	var n atomic.Uint64
	last := uint64(f.Number)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) == last {
			die(last)
		}
		next.ServeHTTP(w, r)
	})
}
