package scenarios

import (
	"context"
	"runtime"
	"slices"
	"testing"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/scenarios/notebook"
)

// found is a part that finds fault with all of its arrivals.
type found struct {
	generator.Workload
	n int
}

func (f found) Verify(context.Context) ([]generator.Finding, error) {
	findings := make([]generator.Finding, f.n)
	for i := range findings {
		findings[i] = generator.Finding{Arrival: i, Answer: wrong("it")}
	}
	return findings, nil
}

func (f found) Check(int, *vegeta.Result) bench.Answer { return wrong("at once") }

func (f found) Operation(int) string { return "token" }

// scheduleOf is a schedule of streams with so many arrivals.
func scheduleOf(t *testing.T, counts ...int) bench.Schedule {
	t.Helper()
	load := bench.Load{Process: "poisson", Length: time.Second}
	for _, n := range counts {
		load.Streams = append(load.Streams, bench.Stream{Rate: float64(n)})
	}
	s, err := load.Draw(1)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What is wrong in a pilot, of which only the pace is kept, is a flaw that the trial after it
// has; of a trial's own answers nothing is said twice.
func TestWrongAnswersOfAPilotAreKept(t *testing.T) {
	for _, pilot := range []bool{true, false} {
		m := &mixed{book: notebook.New(), schedule: scheduleOf(t, 3), pilot: pilot,
			parts: []generator.Workload{found{n: 3}}}
		m.Check(0, nil)
		if _, err := m.Verify(t.Context()); err != nil {
			t.Fatal(err)
		}
		flaw := func(what string) bench.Flaw {
			return bench.Flaw{Check: bench.BeforeTrials, Operation: "token", What: what}
		}
		want := []bench.Flaw{flaw("at once"), flaw("it")}
		if !pilot {
			want = nil
		}
		if flaws := m.book.Take().Flaws; !slices.Equal(flaws, want) {
			t.Errorf("pilot %v: %v; want %v", pilot, flaws, want)
		}
	}
}

// Every finding of a part is about the arrival of the whole that it was, also when there are
// as many findings as arrivals in a long trial.
func TestFindingsFindTheirArrivals(t *testing.T) {
	const n = 1_000_000
	m := &mixed{schedule: scheduleOf(t, n/2, n/3, n-n/2-n/3)}
	for k := range 3 {
		m.parts = append(m.parts, found{n: m.schedule.Of(k)})
	}
	findings, err := m.Verify(t.Context())
	if err != nil || len(findings) != n {
		t.Fatalf("%d findings, %v; want %d", len(findings), err, n)
	}
	next := make([]int, 3)
	seen := make([]bool, n)
	for _, f := range findings {
		a := m.schedule.At(f.Arrival)
		if seen[f.Arrival] || a.Number != next[a.Stream] {
			t.Fatalf("arrival %d of part %d: number %d; want %d, once", f.Arrival, a.Stream, a.Number, next[a.Stream])
		}
		seen[f.Arrival] = true
		next[a.Stream]++
	}
}

// A day of requests that are drawn as they come is prepared with little memory, whatever its rate; the
// requests of its end are as good as those of its beginning.
func TestADayIsPreparedInLittleMemory(t *testing.T) {
	const most = 20 << 20
	server := newFakeServer()
	p := Defaults()
	p.PrepareRate, p.States = 0, map[string]float64{stateActive: 80, stateRevoked: 20}
	names := []string{"token", "introspect", "discovery"}
	chosen, err := Find(names)
	if err != nil {
		t.Fatal(err)
	}
	client := generator.NewClientTransport(time.Second, server)
	set, err := Open(t.Context(), chosen,
		Target{Server: server, Scope: DefaultScope, HTTP: client.HTTP(), Parallel: 4, Parameters: p})
	if err != nil {
		t.Fatal(err)
	}
	load := bench.Load{Process: "poisson", Length: 24 * time.Hour, Timeout: time.Second}
	for k, rate := range []float64{2000, 7500, 500} {
		load.Streams = append(load.Streams, bench.Stream{Scenario: names[k], Rate: rate})
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	schedule, err := load.Draw(1)
	if err != nil {
		t.Fatal(err)
	}
	// The fake server's tokens live an hour: of a longer trial that is said.
	short := load
	short.Length = time.Minute
	w, err := set.Prepare(t.Context(), short, schedule, 1)
	if err != nil {
		t.Fatal(err)
	}
	var target vegeta.Target
	for _, i := range []int{0, schedule.Count / 2, schedule.Count - 1} {
		if w.Request(i, &target); target.URL == "" || w.Operation(i) == "" {
			t.Errorf("arrival %d asks nothing", i)
		}
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > most || schedule.Count != 864_000_000 {
		t.Errorf("%d bytes were allocated for %d arrivals; want at most %d", used, schedule.Count, most)
	}
}
