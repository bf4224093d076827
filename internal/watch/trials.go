package watch

import (
	"fmt"
	"strings"

	"github.com/oauthbench/oauthbench/bench"
)

// trialLines tells every trial of a run once. A nil trialLines tells none.
type trialLines struct{ told int }

// of has a line for each trial that has ended since the last call.
func (l *trialLines) of(run *bench.Run) []string {
	if l == nil {
		return nil
	}
	if l.told > len(run.Trials) {
		l.told = 0 // Another run has begun.
	}
	var lines []string
	for _, t := range run.Trials[l.told:] {
		lines = append(lines, lineOf(t))
	}
	l.told = len(run.Trials)
	return lines
}

func lineOf(t bench.Trial) string {
	what := fmt.Sprintf("trial: epoch %d, pair %d", t.Epoch+1, t.Pair+1)
	if t.Warmup {
		what = fmt.Sprintf("warm-up: epoch %d", t.Epoch+1)
	}
	parts := []string{fmt.Sprintf("%s, %s", what, t.Deployment)}
	for _, m := range t.Measurements {
		parts = append(parts, fmt.Sprintf("%s P95 %v, %d of %d as expected", m.Operation, m.Response.Quantile(.95),
			m.Outcomes.OK, m.Outcomes.Total()))
	}
	if len(t.Excluded) > 0 {
		parts = append(parts, "excluded: "+strings.Join(t.Excluded, ", "))
	}
	return strings.Join(parts, "; ")
}
