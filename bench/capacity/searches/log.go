package searches

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/capacity"
	"github.com/oauthbench/oauthbench/internal/digits"
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
	calm     int  // those of them that no other program disturbed
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
	// Level is the geometric mean of the operations' P50, which chance leaves between Least and Most. What failed
	// counts as its timeout at least.
	Level, Least, Most time.Duration
	// Failed is how many of the Asked requests failed, most of them with Case.
	Asked, Failed int64
	Case          string
	// Disturbed says what other programs did meanwhile, "" for nothing: it says nothing of the server then
	// unless it has Recovered.
	Disturbed string
	Recovered bool
}

// answered tells whether nearly all of its requests were answered as they should be.
func (c Check) answered() bool { return c.Level > 0 && float64(c.Failed) <= 0.01*float64(c.Asked) }

// state is what the server was like then.
func (c Check) state() string {
	switch {
	case c.Asked == 0:
		return "it could not be asked"
	case c.answered():
		return fmt.Sprintf("P50 was %v", c.Level.Round(10*time.Microsecond))
	case c.Case == "":
		return fmt.Sprintf("%d of %d requests failed", c.Failed, c.Asked)
	}
	return fmt.Sprintf("%d of %d requests failed (%s)", c.Failed, c.Asked, c.Case)
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
	l.restless, l.calm, l.repeats, l.doubtful, l.dead, l.anew = 0, 0, 0, false, false, false
	l.since = untilControl
}

// Next is the trial to run now. It is false when the search is over. An error says why it
// cannot go on: other programs disturb it, or the server does not stay up.
func (l *Log) Next() (Order, bool, error) {
	step, ok := l.search.Next()
	control := Order{Phase: Control, Rate: l.rule.Sides[l.Role].Control,
		Length: controlLength(l.rule.Sides[l.Role].Control)}
	lasting := l.rule.Sides[l.Role].Lasting
	switch {
	case l.restless >= mostRestless && l.calm == 0 && !l.dead:
		return Order{}, false, fmt.Errorf("%s in a row were disturbed (%s)", digits.Count(l.restless, "control trial"),
			l.Checks[len(l.Checks)-1].Disturbed)
	case lasting && (l.dead || l.restless >= mostRestless):
		return Order{}, false, fmt.Errorf("the server did not come back, and it cannot be started anew from here")
	case l.restless >= 2*mostRestless && l.dead:
		return Order{}, false, fmt.Errorf("the server does not stay up, not even after fresh starts")
	case l.restless >= 2*mostRestless:
		return Order{}, false, fmt.Errorf("the server did not come back, not even after a fresh start: %s",
			l.Checks[len(l.Checks)-1].state())
	case l.dead:
		control.Fresh = true
		return control, true, nil
	case l.restless == mostRestless:
		control.Fresh = true
		return control, true, nil
	case l.doubtful && l.restless > 0:
		control.Wait = time.Second << ((l.restless - 1) % mostRestless)
		return control, true, nil
	case l.doubtful:
		return control, true, nil
	case !ok:
		return Order{}, false, nil
	case l.repeats > mostRepeats:
		last := l.Points[len(l.Points)-1]
		return Order{}, false, fmt.Errorf("%s in a row were disturbed (%s)", digits.Count(l.repeats, "trial"),
			last.Disturbed)
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
	c := Check{Trial: index, Start: t.Epoch, After: len(l.Points)}
	c.Least, c.Level, c.Most = level(t)
	l.dead = t.Died != ""
	cases := map[string]int64{}
	for _, m := range t.Measurements {
		c.Failed, c.Asked = c.Failed+m.Outcomes.Failed(), c.Asked+m.Outcomes.Total()
		for name, n := range m.Cases {
			cases[name] += n
		}
	}
	c.Case = mostFrequent(cases)
	if len(t.Excluded) > 0 {
		c.Disturbed = t.Excluded[0]
	}
	c.Recovered = !l.dead && c.answered() && c.Least <= near(l.reference(c).Most)
	l.Checks = append(l.Checks, c)
	l.since, l.anew = 0, t.Search.Fresh
	// Not even a fresh start may bring it back: it has become slower for good then, and is
	// searched as it is now, as long as it answers.
	if c.Recovered || t.Search.Fresh && !l.dead && c.answered() {
		l.restless, l.calm, l.doubtful = 0, 0, false
		return
	}
	l.restless, l.doubtful = l.restless+1, true
	if c.Disturbed == "" {
		l.calm++
	}
}

// reference is the control trial that one is held against: the first of its start, an undisturbed one where there
// is any.
func (l *Log) reference(c Check) (first Check) {
	for _, before := range append(slices.Clone(l.Checks), c) {
		if before.Start != c.Start || !before.answered() {
			continue
		}
		if before.Disturbed == "" {
			return before
		}
		if first.Level == 0 {
			first = before
		}
	}
	return first
}

// Compared tells whether a control trial says how fast the server was then.
func (c Check) Compared() bool { return c.Recovered && c.Level > 0 && c.Disturbed == "" }

// near is up to where P50 is taken for what it was.
func near(reference time.Duration) time.Duration {
	return max(time.Duration(backWithin*float64(reference)), reference+backAbove)
}

// level is the geometric mean of the operations' P50, 0 when nothing was measured, with the bounds that two
// standard deviations of chance leave it: the half of few requests is a few of them.
func level(t *bench.Trial) (least, middle, most time.Duration) {
	var sums [3]float64
	n := 0
	for _, m := range t.Measurements {
		if count := m.Response.Count(); count > 0 {
			chance := min(1/math.Sqrt(float64(count)), 0.5) // two deviations of a share of one half
			for i, q := range m.Response.Quantiles(0.5-chance, 0.5, 0.5+chance) {
				sums[i] += math.Log(float64(max(q, 1)))
			}
			n++
		}
	}
	if n == 0 {
		return 0, 0, 0
	}
	at := func(i int) time.Duration { return time.Duration(math.Exp(sums[i] / float64(n))) }
	return at(0), at(1), at(2)
}

// Result is what the search found so far.
func (l *Log) Result() capacity.Result { return l.search.Result() }

// byStart are the trials that count, of each start of the server.
func (l *Log) byStart() [][]capacity.Trial {
	of := map[int][]capacity.Trial{}
	for _, p := range l.Points {
		if p.Disturbed == "" {
			step := capacity.Step{Phase: capacity.Phase(p.Phase), Rate: p.Rate}
			of[p.Start] = append(of[p.Start], capacity.Trial{Step: step, Outcome: p.Outcome})
		}
	}
	var all [][]capacity.Trial
	for _, start := range slices.Sorted(maps.Keys(of)) {
		all = append(all, of[start])
	}
	return all
}

// Curve is the fit over all trials of the search; false when it has none.
func (l *Log) Curve() (capacity.Curve, bool) { return capacity.FitCurve(l.search.Trials()) }
