package stored

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/grid"
)

// fixed is a run of trials at a fixed rate whose response times are these.
func fixed(times ...time.Duration) *bench.Run {
	run := &bench.Run{End: &bench.End{}}
	for i, d := range times {
		m := bench.NewMeasurement("token")
		for range 100 {
			m.Response.Record(d)
			m.Outcomes.Add(bench.OK, 1)
		}
		run.Trials = append(run.Trials, bench.Trial{
			Slot: bench.Slot{Epoch: i, Role: bench.Candidate}, Elapsed: time.Second,
			Server: bench.Usage{CPU: 500 * time.Millisecond, Known: true}, Measurements: []bench.Measurement{*m},
		})
	}
	return run
}

// A cell at a fixed rate has its percentiles, with an interval over its starts, and says why
// it has none.
func TestCellsAtAFixedRate(t *testing.T) {
	h := grid.Header{Grid: grid.Grid{{Name: "rows", Values: []string{"10", "100", "1000", "10000"}}}, Fixed: true}
	disturbed := fixed(5*time.Millisecond, 5*time.Millisecond)
	disturbed.Trials[0].Machine.Foreign = 0.5
	out := fixed(5 * time.Millisecond)
	out.Trials[0].Excluded = []string{"the generator stood still"}
	runs := []*bench.Run{fixed(10*time.Millisecond, 11*time.Millisecond, 12*time.Millisecond), disturbed, out, nil}
	f := Of(h, runs, map[int]string{3: "it does not start"})
	p95 := f.Answers[0].Find("token", "p95")
	if p95 == nil || len(p95.Starts) != 3 || !(p95.Low < p95.Value && p95.Value < p95.High) ||
		math.Abs(p95.Value/12e6-1) > 0.01 {
		t.Fatalf("P95 = %+v; want 12 ms with an interval over three starts", p95)
	}
	if c := f.Answers[0].Find("", ServerCores); c == nil || math.Abs(c.Value-0.5) > 1e-9 {
		t.Errorf("server cores = %+v; want 0.5", c)
	}
	if doubts := strings.Join(f.Answers[1].Doubts, "; "); !strings.Contains(doubts, "in 1 of 2 trials") {
		t.Errorf("doubts of a disturbed cell: %q", doubts)
	}
	lasting := fixed(5*time.Millisecond, 6*time.Millisecond)
	lasting.Trials[1].Epoch = 0
	if a := atRate(lasting); !strings.Contains(strings.Join(a.Doubts, "; "), "of one start") ||
		strings.Contains(strings.Join(f.Answers[0].Doubts, "; "), "of one start") {
		t.Errorf("doubts of one start: %q, and of three: %q", a.Doubts, f.Answers[0].Doubts)
	}
	if f.Answers[2].Missing == "" || f.Answers[3].Missing != "it does not start" {
		t.Errorf("missing: %q and %q", f.Answers[2].Missing, f.Answers[3].Missing)
	}
}

// Of a grid with an axis of replicas the law is fitted, and what carries none is said.
func TestLawOfReplicas(t *testing.T) {
	h := grid.Header{Grid: grid.Grid{{Name: grid.Replicas, Values: []string{"1", "2", "3", "4"}},
		{Name: "pool", Values: []string{"5", "20"}}}}
	f := Found{Header: h, Cells: h.Grid.Cells()}
	for _, c := range f.Cells {
		n := float64(c[0][0] - '0')
		a := grid.Answer{Missing: "not measured"}
		if c[1] == "20" || c[0] == "1" {
			capacity := 100 * n / (1 + 0.1*(n-1))
			a = grid.Answer{Figures: []grid.Figure{{Name: Capacity, Unit: "/s", Value: capacity,
				Starts: []float64{0.99 * capacity, 1.01 * capacity}}}}
		}
		f.Answers = append(f.Answers, a)
	}
	f.laws()
	if len(f.Laws) != 2 || f.Laws[0].Law != nil || !strings.Contains(f.Laws[0].Missing, "at least 4") {
		t.Fatalf("laws %+v; want none where three cells are missing", f.Laws)
	}
	law := f.Laws[1].Law
	if law == nil || math.Abs(law.Contention.Estimate-0.1) > 0.02 || law.Points != 8 {
		t.Fatalf("law %+v; want a contention of 0.1 from 8 searches", law)
	}
	if n, identified := law.Peak(); identified {
		t.Errorf("a peak at %d where there is none", n)
	}
}
