package generator

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/oauthbench/oauthbench/bench"
)

const (
	// keptStretches is how many stretches of failures are kept for each operation.
	keptStretches = 64
	// explained is the most stretches of its length that a gap may be expected to have by
	// chance, in a trial whose arrivals fail one by one as often as those outside of it.
	explained = 0.01
)

// gapFinder finds the gaps of a trial. Results come in any order, gaps are stretches of the
// schedule: so endings are kept until all arrivals before them have ended. Its memory
// depends on how far apart in the schedule two arrivals are under way at the same time.
type gapFinder struct {
	due        func(arrival int) time.Duration // its intended start
	first      int                             // arrival that has not ended, all before it have
	endings    []ending                        // of arrivals from first on
	operations []*stretches
}

// ending is how an arrival ended; its zero value is one that has not.
type ending struct {
	ended     bool
	outcome   bench.Outcome
	operation int // index in gapFinder.operations
}

// stretches are the failures in a row of one operation.
type stretches struct {
	name             string
	arrivals, failed int64
	now              bench.Gap // under way, empty after a success
	kept             []bench.Gap
}

// end takes the ending of an arrival.
func (f *gapFinder) end(arrival int, operation string, outcome bench.Outcome) {
	k := slices.IndexFunc(f.operations, func(s *stretches) bool { return s.name == operation })
	if k < 0 {
		k = len(f.operations)
		f.operations = append(f.operations, &stretches{name: operation})
	}
	i := arrival - f.first
	if i >= len(f.endings) {
		f.endings = append(f.endings, make([]ending, i+1-len(f.endings))...)
	}
	f.endings[i] = ending{true, outcome, k}
	n := 0
	for n < len(f.endings) && f.endings[n].ended {
		f.pass(f.first+n, f.endings[n])
		n++
	}
	f.first += n
	f.endings = slices.Delete(f.endings, 0, n)
}

// pass takes the next ending in the order of the schedule.
func (f *gapFinder) pass(arrival int, e ending) {
	s := f.operations[e.operation]
	due := f.due(arrival)
	switch e.outcome {
	case bench.Unable:
		return
	case bench.OK, bench.Invalid:
		s.close(due, true)
	default:
		if s.now.Outcomes.Failed() == 0 {
			s.now.At = due
		}
		s.now.Outcomes.Add(e.outcome, 1)
		s.failed++
	}
	s.arrivals++
}

// close ends the stretch under way, at what was due then.
func (s *stretches) close(at time.Duration, back bool) {
	if s.now.Outcomes.Failed() >= bench.MinGapFailures {
		s.now.Length, s.now.Back, s.now.Operations = at-s.now.At, back, []string{s.name}
		s.kept = append(s.kept, s.now)
		if len(s.kept) > keptStretches {
			shortest := slices.MinFunc(s.kept, func(a, b bench.Gap) int {
				return cmp.Compare(a.Outcomes.Failed(), b.Outcomes.Failed())
			})
			i := slices.IndexFunc(s.kept, func(g bench.Gap) bool { return g.At == shortest.At })
			s.kept = slices.Delete(s.kept, i, i+1)
		}
	}
	s.now = bench.Gap{}
}

// gaps returns the gaps, in the order in which they began; end is that of the schedule. Gaps of
// several operations at the same time are one. The finder must not be used afterwards.
func (f *gapFinder) gaps(end time.Duration) []bench.Gap {
	for i, e := range f.endings {
		if e.ended { // others were broken off by us
			f.pass(f.first+i, e)
		}
	}
	var all []bench.Gap
	for _, s := range f.operations {
		s.close(end, false)
		for _, g := range s.kept {
			if !s.byChance(g) {
				all = append(all, g)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b bench.Gap) int { return cmp.Compare(a.At, b.At) })
	var merged []bench.Gap
	for _, g := range all {
		if n := len(merged); n > 0 && g.At < merged[n-1].At+merged[n-1].Length {
			merged[n-1] = join(merged[n-1], g)
			continue
		}
		merged = append(merged, g)
	}
	return merged
}

// byChance tells whether a stretch is no gap: none of its operation ever succeeded, or
// arrivals fail so often outside of it that stretches of its length come about by chance.
// Among n arrivals of which a share p fails, about n p^k stretches of k are expected.
func (s *stretches) byChance(g bench.Gap) bool {
	failed := g.Outcomes.Failed()
	outside := s.arrivals - failed
	if s.arrivals == s.failed {
		return true
	}
	share := float64(s.failed-failed) / float64(outside)
	return float64(s.arrivals)*math.Pow(share, float64(failed)) > explained
}

// join makes one gap of two that overlap; a began first.
func join(a, b bench.Gap) bench.Gap {
	a.Length = max(a.At+a.Length, b.At+b.Length) - a.At
	a.Outcomes.Merge(b.Outcomes)
	a.Back = a.Back && b.Back
	a.Operations = slices.Compact(slices.Sorted(slices.Values(slices.Concat(a.Operations, b.Operations))))
	return a
}
