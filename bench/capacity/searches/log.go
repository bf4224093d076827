package searches

import (
	"fmt"
	"math"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/capacity"
)

// Control is the phase of trials at a low rate between those of the search.
const Control = "control"

// Log follows one search on one deployment through its trials. It is not safe for
// concurrent use.
type Log struct {
	Role   bench.Role
	Number int // Number counts the searches on the deployment, from 0.
	Points []Point
	Checks []Check

	rule     Rule
	search   *capacity.Search
	design   capacity.Design
	restless int  // control trials in a row that had not recovered
	doubtful bool // the last trial failed, and nothing has shown since that the server is back
	dead     bool // the server's process ended in the last trial
	anew     bool // the server was started anew, and nothing but a control trial has run since
	since    int  // trials of the search since the last control trial
	repeats  int  // disturbed trials in a row
}

// Point is a trial of the search.
type Point struct {
	Trial int // Trial is its index in the run.
	bench.SearchStep
	Start int // Start is which start of the server it had.
	Judgement
}

// Check is a control trial.
type Check struct {
	Trial int // Trial is its index in the run.
	// Start is which start of the server it had. The first check of a start is its reference.
	Start int
	After int // After is how many trials of the search came before it.
	// Level is the geometric mean of the operations' P50.
	Level     time.Duration
	Recovered bool
}

// Order is the trial that is next.
type Order struct {
	Phase  string
	Rate   float64 // requests per second
	Length time.Duration
	Fresh  bool          // Fresh asks for a fresh start of the server before it.
	Wait   time.Duration // Wait is how long the server is left alone before it.
}

// The rules of control trials.
const (
	untilControl = 6 // trials of the search between two controls
	// A server is back when P50 is at most this many times what it was, or this much above it.
	backWithin = 1.5
	backAbove  = time.Millisecond
	// mostRestless is how many control trials a server gets to come back, each after twice
	// the wait of the one before: 31 s in all, beside the trials themselves.
	mostRestless = 6
	mostRepeats  = 4 // disturbed trials in a row
)

// NewLog begins a search. before is the result of the one before it on the same deployment.
func NewLog(r Rule, role bench.Role, number int, before capacity.Result) *Log {
	d := r.Sides[role].number(number, before)
	return &Log{Role: role, Number: number, rule: r, design: d, search: capacity.New(d)}
}

// Resume goes on after an interruption, with servers that were started anew: what was wrong with those
// before them is over, and a control trial says what the new ones are like.
func (l *Log) Resume() {
	l.restless, l.repeats, l.doubtful, l.dead, l.anew = 0, 0, false, false, false
	l.since = untilControl
}

// Next is the trial to run now. It is false when the search is over. An error says why it
// cannot go on: other programs disturb it, or the server does not stay up.
func (l *Log) Next() (Order, bool, error) {
	step, ok := l.search.Next()
	control := Order{Phase: Control, Rate: l.rule.Sides[l.Role].Control, Length: controlTrial}
	lasting := l.rule.Sides[l.Role].Lasting
	switch {
	case lasting && (l.dead || l.restless >= mostRestless):
		return Order{}, false, fmt.Errorf("the server did not come back, and it cannot be started anew from here")
	case l.restless >= 2*mostRestless:
		return Order{}, false, fmt.Errorf("the server does not stay up, not even after fresh starts")
	case l.dead:
		control.Fresh = true
		return control, true, nil
	case l.restless >= mostRestless:
		control.Fresh = true
		return control, true, nil
	case l.doubtful && l.restless > 0:
		control.Wait = time.Second << (l.restless - 1)
		return control, true, nil
	case l.doubtful:
		return control, true, nil
	case !ok:
		return Order{}, false, nil
	case l.repeats > mostRepeats:
		last := l.Points[len(l.Points)-1]
		return Order{}, false, fmt.Errorf("%d trials in a row were disturbed (%s)", l.repeats, last.Disturbed)
	case step.Fresh && !lasting && !l.anew && l.repeats == 0:
		// A start has a control trial of its own first: starts differ, and what one of them
		// comes back to is known from itself alone.
		control.Fresh = true
		return control, true, nil
	case len(l.Checks) == 0 || l.since >= untilControl:
		return control, true, nil
	}
	return Order{
		Phase: string(step.Phase), Rate: step.Rate, Length: l.rule.Length(string(step.Phase), step.Rate),
	}, true, nil
}

// Take takes the trial that Next asked for, which is number index of the run.
func (l *Log) Take(index int, t *bench.Trial) error {
	s := t.Search
	if s == nil {
		return fmt.Errorf("trial %d has no place in the search", index+1)
	}
	if s.Phase == Control {
		l.control(index, t)
		return nil
	}
	step, ok := l.search.Next()
	if !ok || string(step.Phase) != s.Phase || math.Abs(step.Rate/s.Rate-1) > 1e-6 {
		return fmt.Errorf("trial %d (%s at %.4g/s) is not the one that the search asks for (%s at %.4g/s)",
			index+1, s.Phase, s.Rate, step.Phase, step.Rate)
	}
	p := Point{Trial: index, SearchStep: *s, Start: t.Epoch, Judgement: l.rule.Judge(t)}
	l.Points = append(l.Points, p)
	l.since++
	l.anew = false
	l.dead = t.Died != ""
	l.doubtful = p.Outcome != capacity.Held
	if p.Disturbed != "" {
		l.repeats++
		return nil
	}
	l.repeats = 0
	l.search.Record(p.Outcome)
	return nil
}

// control takes a control trial.
func (l *Log) control(index int, t *bench.Trial) {
	c := Check{Trial: index, Start: t.Epoch, After: len(l.Points), Level: level(t)}
	l.dead = t.Died != ""
	failed, total := int64(0), int64(0)
	for _, m := range t.Measurements {
		failed, total = failed+m.Outcomes.Failed(), total+m.Outcomes.Total()
	}
	reference := c.Level
	for _, before := range l.Checks {
		if before.Start == c.Start {
			reference = before.Level
			break
		}
	}
	c.Recovered = !l.dead && c.Level > 0 && c.Level <= near(reference) && float64(failed) <= 0.01*float64(total)
	l.Checks = append(l.Checks, c)
	l.since, l.anew = 0, t.Search.Fresh
	// Not even a fresh start may bring it back: it has become slower for good then, and is
	// searched as it is now.
	if c.Recovered || t.Search.Fresh && !l.dead {
		l.restless, l.doubtful = 0, false
		return
	}
	l.restless, l.doubtful = l.restless+1, true
}

// near is up to where P50 is taken for what it was.
func near(reference time.Duration) time.Duration {
	return max(time.Duration(backWithin*float64(reference)), reference+backAbove)
}

// level is the geometric mean of the operations' P50, 0 when nothing was measured.
func level(t *bench.Trial) time.Duration {
	sum, n := 0.0, 0
	for _, m := range t.Measurements {
		if m.Response.Count() > 0 {
			sum += math.Log(float64(max(m.Response.Quantile(0.5), 1)))
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return time.Duration(math.Exp(sum / float64(n)))
}

// Result is what the search found so far.
func (l *Log) Result() capacity.Result { return l.search.Result() }

// Curve is the fit over all trials of the search; false when it has none.
func (l *Log) Curve() (capacity.Curve, bool) { return capacity.FitCurve(l.search.Trials()) }
