package scenarios

import (
	"context"
	"slices"
	"testing"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"oauthbench/bench"
	"oauthbench/bench/generator"
	"oauthbench/scenarios/notebook"
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

// What is wrong in a pilot, of which only the pace is kept, is a flaw that the trial after it
// has; of a trial's own answers nothing is said twice.
func TestWrongAnswersOfAPilotAreKept(t *testing.T) {
	for _, pilot := range []bool{true, false} {
		m := &mixed{book: notebook.New(), owner: make([]uint8, 3), local: []int32{0, 1, 2}, pilot: pilot,
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
	m := &mixed{owner: make([]uint8, n), local: make([]int32, n)}
	counts := make([]int, 3)
	for i := range m.owner {
		p := i * i % 7 % 3
		m.owner[i], m.local[i] = uint8(p), int32(counts[p])
		counts[p]++
	}
	for _, c := range counts {
		m.parts = append(m.parts, found{n: c})
	}
	findings, err := m.Verify(t.Context())
	if err != nil || len(findings) != n {
		t.Fatalf("%d findings, %v; want %d", len(findings), err, n)
	}
	next := make([]int32, 3)
	seen := make([]bool, n)
	for _, f := range findings {
		p := m.owner[f.Arrival]
		if seen[f.Arrival] || m.local[f.Arrival] != next[p] {
			t.Fatalf("arrival %d of part %d: number %d; want %d, once", f.Arrival, p, m.local[f.Arrival], next[p])
		}
		seen[f.Arrival] = true
		next[p]++
	}
}
