package searches

import (
	"fmt"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/capacity"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/digits"
)

// Judgement is what one trial says of the rate it had.
type Judgement struct {
	Outcome capacity.Outcome
	Missed  []Miss // Missed are the limits that were not kept, none of a trial that held.
	// Disturbed says why the failure says nothing of the server, "" when it counts. A trial
	// that held its limits in spite of a disturbance counts.
	Disturbed string
}

// Miss is one reason why a trial failed.
type Miss struct {
	Operation string // Operation is "" for what is of the whole trial.
	Words     string
}

// Thresholds of a trial beside the limits that the user gave.
const (
	leastAchieved = 0.99 // of the offered rate, without which a queue grows
	// A trial whose last answer comes later than this share of its length left a backlog.
	mostTail  = 0.05
	leastTail = 250 * time.Millisecond
)

// Judge says whether a trial kept all limits.
func (r Rule) Judge(t *bench.Trial) Judgement {
	j := Judgement{Outcome: capacity.Held}
	miss := func(operation, format string, args ...any) {
		j.Outcome = capacity.Failed
		j.Missed = append(j.Missed, Miss{operation, fmt.Sprintf(format, args...)})
	}
	if t.Died != "" {
		miss("", "the server died: %s", t.Died)
		return j
	}
	gaveUp := t.Search != nil && t.Search.GaveUp != ""
	for _, limit := range r.Limits {
		m := t.Measurement(limit.Operation)
		if m == nil {
			if !gaveUp {
				miss(limit.Operation, "%v: nothing was measured", limit)
			}
			continue
		}
		if result := limit.On(observation(m, limit)); !result.Held && !(gaveUp && !result.Known()) {
			miss(limit.Operation, "%s", missed(result, m))
		}
	}
	for _, m := range t.Measurements {
		if m.Outcomes.Invalid > 0 {
			miss(m.Operation, "%s to %s", wrongAnswers(m.Outcomes.Invalid), m.Operation)
		}
	}
	if gaveUp {
		miss("", "%s", t.Search.GaveUp)
	} else {
		tail := t.Elapsed - t.Load.Length
		// Of a short trial one per cent is what is under way at its end: no queue that grows.
		if t.Offered > 0 && t.Achieved < leastAchieved*t.Offered && (tail > leastTail || errors(t) > 1-leastAchieved) {
			miss("", "achieved %.1f %% of the offered rate", 100*t.Achieved/t.Offered)
		}
		if tail > max(leastTail, time.Duration(mostTail*float64(t.Load.Length))) {
			miss("", "a backlog of %.1f s was left at the end", tail.Seconds())
		}
	}
	if j.Outcome == capacity.Failed {
		switch {
		case generatorBusy(t):
			j.Outcome = capacity.Beyond
		case len(t.Excluded) > 0:
			j.Disturbed = t.Excluded[0]
		}
	}
	return j
}

func wrongAnswers(n int64) string { return digits.Count(n, "wrong answer") }

// missed says how a limit was missed. A percentile of requests that failed has no time of its own: what
// is known of it is how they failed. Of one that is near those, both are said.
func missed(result verdict.SLOResult, m *bench.Measurement) string {
	failed, total := m.Outcomes.Failed(), m.Outcomes.Total()
	at, timed := result.SLO.Quantile()
	if !timed || 2*float64(failed) <= (1-at)*float64(total) {
		return result.String()
	}
	words := fmt.Sprintf("%d of %d requests failed", failed, total)
	if name := mostFrequent(m.Cases); name != "" {
		words += " (" + name + ")"
	}
	if float64(failed) > (1-at)*float64(total) {
		return fmt.Sprintf("%v: %s", result.SLO, words)
	}
	return fmt.Sprintf("%v, and %s", result, words)
}

// errors is the share of arrivals that did not end as they should.
func errors(t *bench.Trial) float64 {
	failed, total := int64(0), int64(0)
	for _, m := range t.Measurements {
		failed, total = failed+m.Outcomes.Failed(), total+m.Outcomes.Total()
	}
	return float64(failed) / max(float64(total), 1)
}

// generatorBusy tells whether the generator used so much of its processors that it measured
// itself.
func generatorBusy(t *bench.Trial) bool {
	processors := float64(max(t.Tuning.Processors, 1))
	return t.Elapsed > 0 && t.Generator.CPU.Seconds()/t.Elapsed.Seconds() > bench.MaxGeneratorShare*processors
}

// observation is what a limit needs of a measurement.
func observation(m *bench.Measurement, limit verdict.SLO) verdict.Observation {
	o := verdict.Observation{Operation: m.Operation, Offered: m.Offered, Achieved: m.Achieved, Counts: verdict.Counts{
		Arrivals: int(m.Outcomes.Total()), OK: int(m.Outcomes.OK), Rejected: int(m.Outcomes.Rejected),
		Invalid: int(m.Outcomes.Invalid), Timeout: int(m.Outcomes.Timeout), Unreachable: int(m.Outcomes.Unreachable),
	}}
	if q, timed := limit.Quantile(); timed && m.Response.Count() > 0 {
		o.Quantiles = []verdict.Quantile{{At: q, Value: max(m.Response.Quantile(q), 1)}}
	}
	return o
}
