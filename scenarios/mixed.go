package scenarios

import (
	"context"
	"fmt"
	"slices"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"oauthbench/bench"
)

// Set is some scenarios, opened on one deployment.
type Set struct {
	names   []string
	sources []Source
}

// Open opens each scenario on a deployment.
func Open(ctx context.Context, chosen []Scenario, t Target) (*Set, error) {
	set := &Set{}
	for _, s := range chosen {
		source, err := s.Open(ctx, t)
		if err != nil {
			return nil, fmt.Errorf("scenario %s: %w", s.Name, err)
		}
		set.names = append(set.names, s.Name)
		set.sources = append(set.sources, source)
	}
	return set, nil
}

// Notes tells what the deployment could not be asked.
func (s *Set) Notes() []string {
	var notes []string
	for i, source := range s.sources {
		for _, n := range source.Notes() {
			notes = append(notes, s.names[i]+": "+n)
		}
	}
	return notes
}

// Prepare makes the requests of one trial whose arrival i belongs to stream
// owner[i] of the load. It has the form that bench.Side asks for.
func (s *Set) Prepare(ctx context.Context, load bench.Load, owner []uint8, seed uint64) (bench.Workload, error) {
	m := &mixed{owner: owner, local: make([]int32, len(owner))}
	counts := make([]int, len(load.Streams))
	for i, o := range owner {
		m.local[i] = int32(counts[o])
		counts[o]++
	}
	for i, stream := range load.Streams {
		k := slices.Index(s.names, stream.Scenario)
		if k < 0 {
			return nil, fmt.Errorf("scenario %q was not opened", stream.Scenario)
		}
		part, err := s.sources[k].Prepare(ctx, Ask{Count: counts[i], Seed: seed + uint64(i), Length: load.Length})
		if err != nil {
			return nil, fmt.Errorf("scenario %s: %w", stream.Scenario, err)
		}
		m.parts = append(m.parts, part)
	}
	return m, nil
}

// mixed is several workloads under one numbering.
type mixed struct {
	parts []bench.Workload
	owner []uint8 // of each arrival
	local []int32 // number of each arrival within its part; bench.MaxArrivals fits
}

func (m *mixed) Request(i int, t *vegeta.Target) { m.parts[m.owner[i]].Request(int(m.local[i]), t) }

func (m *mixed) Check(i int, r *vegeta.Result) bench.Answer {
	return m.parts[m.owner[i]].Check(int(m.local[i]), r)
}

func (m *mixed) Operation(i int) string { return m.parts[m.owner[i]].Operation(int(m.local[i])) }

// Verify verifies every part, also after one could not be.
func (m *mixed) Verify(ctx context.Context) ([]bench.Finding, error) {
	var findings []bench.Finding
	var first error
	for p, part := range m.parts {
		found, err := part.Verify(ctx)
		if err != nil && first == nil {
			first = err
		}
		for _, f := range found {
			f.Arrival = m.arrival(p, f.Arrival)
			findings = append(findings, f)
		}
	}
	return findings, first
}

// arrival is the number in the whole of a part's arrival: the way back, which only
// findings take.
func (m *mixed) arrival(part, local int) int {
	for i, o := range m.owner {
		if int(o) == part && int(m.local[i]) == local {
			return i
		}
	}
	panic("a finding about an arrival that its part does not have")
}
