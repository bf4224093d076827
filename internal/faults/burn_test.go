package faults

import (
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"
)

// A handler that works costs that much more CPU time of its thread, one that waits costs none.
func TestBurnSpendsCPUTime(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the time of a thread is not told")
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	const own = 20 * time.Millisecond
	busy := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		for until := threadTime() + own; threadTime() < until; {
			_ = work()
		}
	})
	all, seed := parse(t, "burn=0.5@token")
	start := threadTime()
	Plant(all, seed, "token", busy).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", nil))
	// Never less; more only by what the recorder and the last bit of work cost.
	if spent := threadTime() - start; spent < 3*own/2 || spent > 4*own {
		t.Errorf("%v of CPU time for a handler of %v; want half more", spent, own)
	}
	idle := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(own) })
	start = threadTime()
	Plant(all, seed, "token", idle).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", nil))
	if spent := threadTime() - start; spent > own/2 {
		t.Errorf("%v of CPU time for a handler that only waits", spent)
	}
}
