package upgrade

import (
	"fmt"
	"slices"
	"time"
)

// Traffic is what the load saw.
type Traffic struct {
	Sent    int           `json:"sent"`
	Failed  int           `json:"failed"`
	Late    int           `json:"timeouts"`
	Wrong   int           `json:"wrong"`
	Whys    []Why         `json:"whys,omitempty"`
	Gap     time.Duration `json:"gap_ns"`        // longest time without a success
	GapStep string        `json:"gap_step"`      // the step in which it ended
	Switch  time.Duration `json:"gap_switch_ns"` // longest around the switch
	// Outage is the longest time in which nobody was granted, refreshed or revoked anything.
	Outage  time.Duration `json:"outage_ns"`
	Table   []Quantiles   `json:"table"`
	Seconds []Second      `json:"seconds"`
}

// Why counts one reason of failures.
type Why struct {
	Op   Operation `json:"op"`
	Text string    `json:"text"`
	N    int       `json:"n"`
}

// Stage is a stretch of the load.
type Stage string

// Stages of the load.
const (
	StageBefore Stage = "blue alone"
	StageDuring Stage = "blue during the upgrade"
	StageAfter  Stage = "green alone"
)

// Quantiles are the response times of one operation in one stage.
type Quantiles struct {
	Op    Operation     `json:"op"`
	Stage Stage         `json:"stage"`
	N     int           `json:"n"`
	Bad   int           `json:"bad"` // failed or wrong
	P50   time.Duration `json:"p50_ns"`
	P95   time.Duration `json:"p95_ns"`
	P99   time.Duration `json:"p99_ns"`
}

// Second is what came in one second.
type Second struct {
	At    time.Time     `json:"at"`
	N     int           `json:"n"`
	Bad   int           `json:"bad"`
	Worst time.Duration `json:"worst_ns"`
	P50   time.Duration `json:"p50_ns"`
}

// CopyStep is the step with which the window begins.
const CopyStep = "copy the database while blue serves"

// ReplayStep is the step in which green is told what blue was told after the copy.
const ReplayStep = "replay the journal at green"

// StopStep is the step in which blue is stopped.
const StopStep = "stop blue"

// SwitchStep is the step at which all goes to green.
const SwitchStep = "switch to green"

// loadStep is the step in which blue carries the load alone.
const loadStep = "load and journal on, blue alone"

// around is how far from the switch a gap is said to be the switch's.
const around = 5 * time.Second

func newTraffic(samples []Sample, steps []Step) Traffic {
	samples = slices.Clone(samples)
	slices.SortFunc(samples, func(a, b Sample) int { return a.Due.Compare(b.Due) })
	t := Traffic{Sent: len(samples)}
	whys := map[Why]int{}
	for _, s := range samples {
		switch s.Outcome {
		case Failed:
			t.Failed++
			whys[Why{Op: s.Op, Text: s.Why}]++
		case Timeout:
			t.Late++
		case Wrong:
			t.Wrong++
		}
	}
	for why, n := range whys {
		t.Whys = append(t.Whys, Why{why.Op, why.Text, n})
	}
	slices.SortFunc(t.Whys, func(a, b Why) int { return b.N - a.N })
	begun, switched := stagesOf(steps)
	t.gaps(samples, steps, switched)
	for _, op := range Operations() {
		for _, stage := range []Stage{StageBefore, StageDuring, StageAfter} {
			var times []time.Duration
			bad := 0
			for _, s := range samples {
				if s.Op == op && stageOf(s, begun, switched) == stage {
					times = append(times, s.Response)
					if s.Outcome != Good {
						bad++
					}
				}
			}
			if len(times) > 0 {
				slices.Sort(times)
				t.Table = append(t.Table, Quantiles{
					op, stage, len(times), bad, quantile(times, 50), quantile(times, 95), quantile(times, 99)})
			}
		}
	}
	t.Seconds = seconds(samples)
	return t
}

// stagesOf are when the upgrade begins, after the load has been on blue alone, and when the
// switch ends.
func stagesOf(steps []Step) (begun, switched time.Time) {
	for i, s := range steps {
		if s.Name == loadStep && i+1 < len(steps) {
			begun = steps[i+1].Began
		}
		if s.Name == SwitchStep {
			switched = s.Began.Add(s.Took)
		}
	}
	return begun, switched
}

func stageOf(s Sample, begun, switched time.Time) Stage {
	switch {
	case begun.IsZero() || s.Due.Before(begun):
		return StageBefore
	case switched.IsZero() || s.Due.Before(switched):
		return StageDuring
	}
	return StageAfter
}

// quantile is the smallest of sorted times that so many percent do not exceed.
func quantile(sorted []time.Duration, percent int) time.Duration {
	return sorted[max(0, (len(sorted)*percent+99)/100-1)]
}

// gaps finds the longest time between two successes.
func (t *Traffic) gaps(samples []Sample, steps []Step, switched time.Time) {
	var ends, acts []time.Time
	for _, s := range samples {
		if s.Outcome != Good {
			continue
		}
		ends = append(ends, s.Due.Add(s.Response))
		if s.Op != OpIntrospect {
			acts = append(acts, s.Due.Add(s.Response))
		}
	}
	slices.SortFunc(ends, time.Time.Compare)
	slices.SortFunc(acts, time.Time.Compare)
	for i := 1; i < len(acts); i++ {
		t.Outage = max(t.Outage, acts[i].Sub(acts[i-1]))
	}
	for i := 1; i < len(ends); i++ {
		gap := ends[i].Sub(ends[i-1])
		if gap > t.Gap {
			t.Gap, t.GapStep = gap, stepAt(steps, ends[i])
		}
		if !switched.IsZero() && ends[i].After(switched.Add(-around)) && ends[i-1].Before(switched.Add(around)) {
			t.Switch = max(t.Switch, gap)
		}
	}
}

func stepAt(steps []Step, at time.Time) (name string) {
	for _, s := range steps {
		if !s.Began.After(at) {
			name = s.Name
		}
	}
	return name
}

func seconds(samples []Sample) (all []Second) {
	var times []time.Duration
	flush := func() {
		if len(times) > 0 {
			slices.Sort(times)
			last := &all[len(all)-1]
			last.P50, last.Worst = quantile(times, 50), times[len(times)-1]
			times = times[:0]
		}
	}
	for _, s := range samples {
		at := s.Due.Truncate(time.Second)
		if len(all) == 0 || !all[len(all)-1].At.Equal(at) {
			flush()
			all = append(all, Second{At: at})
		}
		last := &all[len(all)-1]
		last.N++
		if s.Outcome != Good {
			last.Bad++
		}
		times = append(times, s.Response)
	}
	flush()
	return all
}

// Findings of the load.
const (
	FoundWrongAnswers = "wrong answers under load"
	FoundFailures     = "requests failed"
	FoundLate         = "requests without an answer"
)

// findings judge the load: introspection must say what is so, always; a strategy that
// announces an outage may fail requests.
func (t Traffic) findings(strategy Strategy) (found []Finding) {
	if t.Wrong > 0 {
		found = append(found, Finding{Name: FoundWrongAnswers, Of: t.Sent, Wrong: t.Wrong,
			Text: fmt.Sprintf("%d of %d answers called a valid token inactive, or a revoked one active, with "+
				"status 200",
				t.Wrong, t.Sent),
			Cure: "watch answers, not status codes; do not migrate under a version that serves"})
	}
	if t.Failed > 0 {
		found = append(found, Finding{Name: FoundFailures, Of: t.Sent, Wrong: t.Failed, Note: strategy == StopTheWorld,
			Text: fmt.Sprintf("%d of %d requests failed; longest time without a success %s, in the step %q",
				t.Failed, t.Sent, t.Gap.Round(time.Millisecond), t.GapStep),
			Cure: "most often: " + t.Whys[0].Text})
	}
	if t.Late > 0 {
		// Blue-green, the servers share nothing but this machine.
		found = append(found, Finding{Name: FoundLate, Of: t.Sent, Wrong: t.Late, Note: strategy != InPlace,
			Text: fmt.Sprintf("%d of %d requests had no answer, or none in time; longest time without a success "+
				"%s, in the step %q",
				t.Late, t.Sent, t.Gap.Round(time.Millisecond), t.GapStep),
			Cure: "the migration shares this machine with both servers: use a lower --rate, or more cores"})
	}
	return found
}
