package faults

import (
	"context"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// own is how long the handler behind the planted faults takes.
const own = 10 * time.Millisecond

// parse reads faults such as delay=20ms@token&seed=2.
func parse(t *testing.T, query string) (all []Fault, seed uint64) {
	t.Helper()
	seed = 1
	for _, pair := range strings.FieldsFunc(query, func(r rune) bool { return r == '&' }) {
		name, text, _ := strings.Cut(pair, "=")
		if name == "seed" {
			seed, _ = strconv.ParseUint(text, 10, 64)
			continue
		}
		i := slices.IndexFunc(Kinds(), func(k Kind) bool { return k.Name == name })
		if i < 0 {
			t.Fatalf("no kind %q", name)
		}
		more, err := Kinds()[i].Parse(text, []string{"token", "revoke", "introspect"})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, more...)
	}
	return all, seed
}

// planted serves n requests to operation, one each step, on a server with the faults of
// query, in virtual time. It gives when each answer came, from its own start, and the
// status of each.
func planted(t *testing.T, query, operation string, n int, step time.Duration) (took []time.Duration, statuses []int) {
	t.Helper()
	all, seed := parse(t, query)
	synctest.Test(t, func(*testing.T) {
		h := Plant(all, seed, operation, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(own)
			w.Header().Set("X-Own", "yes")
			w.WriteHeader(http.StatusAccepted)
			w.Write([]byte("body"))
		}))
		took, statuses = make([]time.Duration, n), make([]int, n)
		start := time.Now()
		done := make(chan struct{})
		for i := range n {
			time.Sleep(time.Until(start.Add(time.Duration(i)*step)) + 1) // never a timer of no length
			go func() {
				defer func() { done <- struct{}{} }()
				w, begun := httptest.NewRecorder(), time.Now()
				h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", nil))
				took[i], statuses[i] = time.Since(begun), w.Code
				if w.Code == http.StatusAccepted && (w.Body.String() != "body" || w.Header().Get("X-Own") != "yes") {
					t.Errorf("%s: answer %q with header %v; want the handler's own", query, w.Body, w.Header())
				}
			}()
		}
		for range n {
			<-done
		}
	})
	return took, statuses
}

func TestDelays(t *testing.T) {
	for _, test := range []struct {
		query, operation string
		want             []time.Duration // of requests a second apart
	}{
		{"", "token", []time.Duration{own, own}},
		{"delay=20ms", "revoke", []time.Duration{own + 20*time.Millisecond, own + 20*time.Millisecond}},
		{"delay=20ms@token", "token", []time.Duration{own + 20*time.Millisecond}},
		{"delay=20ms@token", "introspect", []time.Duration{own}},
		{"delay=20ms@token,7ms", "token", []time.Duration{own + 27*time.Millisecond}},
		{"delay_every=3/1s", "token", []time.Duration{own, own, own + time.Second, own, own, own + time.Second}},
		// The second before each full four: who comes into it waits for its end.
		{"stall=1500ms/4s", "token", []time.Duration{own, own, own, time.Second - 1 + own, own, own, own,
			time.Second - 1 + own}},
		{"stall_once=1500ms/2500ms", "token", []time.Duration{own, own, own, time.Second - 1 + own, own}},
	} {
		got, statuses := planted(t, test.query, test.operation, len(test.want), time.Second)
		if !slices.Equal(got, test.want) || slices.Max(statuses) != http.StatusAccepted {
			t.Errorf("%s at %s: took %v with %v; want %v, no errors", test.query, test.operation, got, statuses,
				test.want)
		}
	}
}

// An answer that is under way when the stall begins is held up by it.
func TestStallHoldsAnswersUp(t *testing.T) {
	got, _ := planted(t, "stall_once=2s/5ms", "token", 1, time.Second)
	if want := 2*time.Second + 5*time.Millisecond - 1; got[0] != want {
		t.Errorf("answer begun before a stall took %s; want %s", got[0], want)
	}
}

func TestLogNormalDelay(t *testing.T) {
	const n = 4000
	first, _ := planted(t, "delay_lognormal=20ms/0.5", "token", n, time.Millisecond)
	again, _ := planted(t, "delay_lognormal=20ms/0.5", "token", n, time.Millisecond)
	if !slices.Equal(first, again) {
		t.Error("the same seed gives other delays")
	}
	other, _ := planted(t, "delay_lognormal=20ms/0.5&seed=2", "token", n, time.Millisecond)
	if slices.Equal(first, other) {
		t.Error("another seed gives the same delays")
	}
	var sum, squares float64
	for _, d := range first {
		z := math.Log(float64(d-own) / float64(20*time.Millisecond))
		sum, squares = sum+z, squares+z*z
	}
	// The logarithm is normal with mean 0 and sigma 0.5: five standard errors.
	if mean := sum / n; math.Abs(mean) > 5*0.5/math.Sqrt(n) {
		t.Errorf("mean of the logarithm = %g; want 0", mean)
	}
	if sigma := math.Sqrt(squares / n); math.Abs(sigma-0.5) > 5*0.5/math.Sqrt(2*n) {
		t.Errorf("sigma = %g; want 0.5", sigma)
	}
}

func TestErrorShare(t *testing.T) {
	const n = 10_000
	_, first := planted(t, "errors=0.02@token", "token", n, time.Millisecond)
	_, again := planted(t, "errors=0.02@token", "token", n, time.Millisecond)
	if !slices.Equal(first, again) {
		t.Error("the same seed strikes other requests")
	}
	failed := 0
	for _, status := range first {
		if status == http.StatusInternalServerError {
			failed++
		}
	}
	// Binomial: 200 with a standard deviation of 14.
	if failed < 130 || failed > 270 {
		t.Errorf("%d of %d failed; want about 200", failed, n)
	}
	if _, other := planted(t, "errors=0.02@token", "revoke", 1000, time.Millisecond); slices.Contains(other,
		http.StatusInternalServerError) {
		t.Error("a fault of token has struck revoke")
	}
}

func TestErrorBurst(t *testing.T) {
	_, got := planted(t, "error_burst=1500ms/4s", "token", 9, time.Second)
	want := []int{202, 202, 202, 500, 202, 202, 202, 500, 202}
	if !slices.Equal(got, want) {
		t.Errorf("statuses of requests a second apart = %v; want %v", got, want)
	}
}

func TestSlowdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, late := range map[string]time.Duration{"exact": 0, "late": 2 * time.Millisecond} {
			const own, n = 10 * time.Millisecond, 100
			h := &slower{
				factor: 0.3,
				wait:   func(_ context.Context, d time.Duration) { time.Sleep(d + late) },
				next:   http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(own) }),
			}
			start := time.Now()
			for range n {
				h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", nil))
			}
			if took := time.Since(start); took < n*13*time.Millisecond || took > n*13*time.Millisecond+late {
				t.Errorf("%s waits: %d requests of 10ms took %v; want 30 %% more, and one late wait at most", name, n,
					took)
			}
		}
	})
	all, seed := parse(t, "slowdown=0.3@token")
	if _, ok := Plant(all, seed, "token", http.NotFoundHandler()).(*slower); !ok {
		t.Error("slowdown=0.3@token does not slow token down")
	}
}

// It never waits too little, and no longer than the request lasts.
func TestWaitExactly(t *testing.T) {
	for _, d := range []time.Duration{30 * time.Microsecond, 3 * time.Millisecond} {
		start := time.Now()
		waitExactly(t.Context(), d)
		if got := time.Since(start); got < d {
			t.Errorf("waited %s; want %s", got, d)
		}
	}
	ended, end := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, end)
	waitExactly(ended, time.Hour) // returns
	waitExactly(ended, time.Hour)
}

// Without faults there is nothing between the router and the handler.
func TestNoFaultIsFree(t *testing.T) {
	all, seed := parse(t, "delay=1ms@token")
	h := http.NewServeMux()
	if got := Plant(all, seed, "introspect", h); got != http.Handler(h) {
		t.Errorf("introspect is behind %T; want the handler itself", got)
	}
}

func TestForms(t *testing.T) {
	for _, k := range Kinds() {
		if k.Summary == "" || strings.Count(k.Form(), "/")+1 != len(k.Values) {
			t.Errorf("%+v: want a summary and a form", k)
		}
	}
}

// The n-th request is the last, and no other ends the process.
func TestDiesAt(t *testing.T) {
	var died []uint64
	defer func(was func(uint64)) { die = was }(die)
	die = func(n uint64) {
		died = append(died, n)
		panic(http.ErrAbortHandler)
	}
	all, seed := parse(t, "dies_at=3@token")
	h := Plant(all, seed, "token", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for i := range 5 {
		func() {
			defer func() {
				if dead := recover() != nil; dead != (i == 2) {
					t.Errorf("request %d: dies %t", i+1, dead)
				}
			}()
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", nil))
		}()
	}
	if !slices.Equal(died, []uint64{3}) {
		t.Errorf("died at %v; want at 3 only", died)
	}
}
