package sizing

import (
	"fmt"
	"maps"
	"slices"
)

// Hash is what checking one secret costs, in CPU-seconds: here, where costs were measured, and there,
// where they are wanted.
type Hash struct{ Here, There float64 }

// leastOfHash is the share of a hash that an operation which checks one must cost at the least: what
// was measured is not exact, and what costs less does not check it, or was measured elsewhere.
const leastOfHash = 0.8

// Moved are costs on another machine, as far as they are known there: of the operations that check a
// secret for each request the share of hashing, in proportion to what a hash costs on both. All else
// is as it was. moved are the operations whose cost changed.
func (c Costs) Moved(h Hash, hashes func(operation string) bool) (there Costs, moved []string, err error) {
	if !(h.Here > 0 && h.There > 0) {
		return Costs{}, nil, fmt.Errorf("a hash costs %v s here and %v s there: want both above 0", h.Here, h.There)
	}
	there = c
	there.PerRequest, there.Intervals = maps.Clone(c.PerRequest), maps.Clone(c.Intervals)
	for _, name := range slices.Sorted(maps.Keys(c.PerRequest)) {
		if !hashes(name) {
			continue
		}
		cost := c.PerRequest[name]
		if cost < leastOfHash*h.Here {
			return Costs{}, nil, fmt.Errorf(
				"%s costs %.3g ms of CPU, and a hash alone %.3g ms: the costs were measured "+
					"on another machine than the hash, or nothing is hashed", name, 1000*cost, 1000*h.Here)
		}
		more := min(h.Here, cost) * (h.There/h.Here - 1)
		there.PerRequest[name] = cost + more
		if i, known := c.Intervals[name]; known {
			there.Intervals[name] = Interval{max(i.Low+more, 0), i.High + more}
		}
		moved = append(moved, name)
	}
	return there, moved, nil
}
