package scenarios

import (
	"context"
	"testing"

	"oauthbench/bench/generator"
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
