package searches

import (
	"fmt"
	"slices"
	"strings"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/capacity"
)

// missedByFar is how far above its limit a percentile of all trials together must lie until it is said
// that they miss it: some are above by chance.
const missedByFar = 1.2

// together tells of limits that most trials up to the certified rate kept, and all of them together miss:
// what is slow, or fails, comes seldom, and a trial that is longer has it in it.
func (s *Searched) together(run *bench.Run) []string {
	if s.Ending != capacity.Certified && s.Ending != capacity.AboveGenerator {
		return nil
	}
	byOperation := map[string][]bench.Measurement{}
	held, trials := 0, 0
	for _, l := range s.Searches {
		for _, p := range l.Points {
			if p.Rate > s.Rate || p.Disturbed != "" || p.Phase == string(capacity.Soak) ||
				p.Outcome == capacity.Beyond {
				continue
			}
			if trials++; p.Outcome == capacity.Held {
				held++
			}
			for _, m := range run.Trials[p.Trial].Measurements {
				byOperation[m.Operation] = append(byOperation[m.Operation], m)
			}
		}
	}
	var missed []string
	for _, limit := range s.Searches[0].rule.Limits {
		if q, timed := limit.Quantile(); q == 1 || !timed && limit.Metric != "error_ratio" {
			continue // A largest time, and a count, grow with the number of trials.
		}
		all := bench.Merge(limit.Operation, byOperation[limit.Operation]...)
		far := limit
		far.Limit *= missedByFar
		o := observation(&all, limit)
		if result := far.On(o); held < trials && result.Known() && !result.Held {
			missed = append(missed, limit.On(o).String())
		}
	}
	if missed == nil {
		return nil
	}
	slices.Sort(missed)
	return []string{fmt.Sprintf("%d of %d trials up to %.4g/s kept the limits, and all together they do not (%s): "+
		"what makes them fail comes seldom, and a longer trial has more of it; a soak tells", held, trials, s.Rate,
		strings.Join(missed, ", "))}
}
