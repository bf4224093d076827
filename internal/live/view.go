// Package live shows a run while it goes, to browsers on this machine. It measures
// nothing and decides nothing: it reads counters once a second and draws trials that
// have ended.
//
// What it costs is bounded by its design. The status is a handful of atomic loads once a
// second, however many browsers look. Charts are drawn between trials, when no request
// is under way, and again only when a hundred times what the last drawing took has
// passed: at most one percent of one core.
package live

import (
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/experiment"
	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/reports"
)

// share is what drawing may take of one core.
const share = 0.01

// View is what is shown of one run. A nil View shows nothing. Publish, Finish and Follow are for
// the goroutine that runs the experiment; the rest is safe for concurrent use.
type View struct {
	drawing  reports.Live
	drawnAt  time.Time
	drawTook time.Duration

	mu         sync.Mutex
	conclusion Conclusion
	shown      shown
	changed    chan struct{} // closed when shown changes

	preparing atomic.Bool // Something is prepared now, and says how far it is.
}

// shown is the newest of everything, as events carry it.
type shown struct {
	status, charts        []byte
	statusCount, drawings int    // how often each changed
	ended                 []byte // what is said at the end, nil before
}

// New returns a view of a run that has not begun.
func New() *View { return &View{changed: make(chan struct{})} }

// Publish draws the trials so far. It must be called with no request under way, by the
// goroutine that changes the run; it returns at once when it is too soon.
func (v *View) Publish(run *bench.Run) error {
	if v == nil {
		return nil
	}
	if !due(time.Since(v.drawnAt), v.drawTook) {
		return nil
	}
	return v.draw(run)
}

// Finish draws a run whose last trial has ended: there is nothing left to spare.
func (v *View) Finish(run *bench.Run) error {
	if v == nil {
		return nil
	}
	return v.draw(run)
}

func (v *View) draw(run *bench.Run) error {
	began := time.Now()
	charts, err := v.drawing.Charts(run)
	if err != nil {
		return fmt.Errorf("live view: %w", err)
	}
	v.drawnAt, v.drawTook = time.Now(), time.Since(began)
	v.change(func(s *shown) { s.charts = charts; s.drawings++ })
	return nil
}

// due tells whether drawing, which took so long the last time, may be done again after
// a time without it.
func due(since, took time.Duration) bool { return float64(took) <= share*float64(since) }

// status is one look at the run, once a second.
type status struct {
	At float64 `json:"at"` // seconds since 1970
	Place
	// Preparing says how far a preparation is, "" while trials run; nothing below is known then.
	Preparing  string `json:"preparing,omitempty"`
	Purpose    string `json:"purpose,omitempty"` // what the trial is for
	Stage      string `json:"stage"`
	Deployment string `json:"deployment"`
	Role       string `json:"role"`
	Epoch      int    `json:"epoch"` // from 1
	Trial      int    `json:"trial"` // from 1; a warm-up has that of the trial it precedes
	Trials     int    `json:"trials"`
	Warmup     bool   `json:"warmup"`
	Planned    int    `json:"planned"` // requests of this trial
	Released   int64  `json:"released"`
	Ended      int64  `json:"ended"`
	Failed     int64  `json:"failed"`
	Answered   int64  `json:"answered"` // since the last look, of this trial
	// Left is about how many seconds the run will still take, nil when that is not known.
	Left *float64 `json:"left,omitempty"`
	// P95 is of the last second, in milliseconds, 0 when nothing was answered in it; SoFar is
	// that of each version until now, warm-ups apart.
	P95   float64                `json:"p95_ms"`
	SoFar map[bench.Role]float64 `json:"p95_so_far_ms,omitempty"`
}

// Place is which of several runs goes on.
type Place struct {
	Part   string   `json:"part,omitempty"`   // "" for one alone
	Before []string `json:"before,omitempty"` // what those before it found
}

// Follow looks at the run once a second until the returned function is called. trials
// is how many are planned; left says how long they will still take, nil when that is not known.
func (v *View) Follow(p *experiment.Progress, trials int, left func() time.Duration, place Place) (stop func()) {
	if v == nil {
		return func() {}
	}
	var l look
	ended := v.each(func(now time.Time) {
		s := p.Now()
		if s.Counters == nil || v.preparing.Load() {
			return
		}
		out := l.at(now, s, trials)
		out.Place = place
		out.addTimes(p, left)
		v.tell(out)
	})
	return func() {
		ended()
		v.tell(status{At: float64(time.Now().UnixMilli()) / 1000, Place: place, Preparing: "these trials have ended"})
	}
}

// Prepare shows once a second what a preparation says of itself, until the returned function is called. What is
// followed meanwhile waits for its end.
func (v *View) Prepare(line func() string, place Place) (stop func()) {
	if v == nil || line == nil {
		return func() {}
	}
	ended := v.each(func(now time.Time) {
		words := line()
		if v.preparing.Store(words != ""); words != "" {
			v.tell(status{At: float64(now.UnixMilli()) / 1000, Place: place, Preparing: words})
		}
	})
	return func() { ended(); v.preparing.Store(false) }
}

func (v *View) tell(s status) {
	text := encode(s)
	v.change(func(s *shown) { s.status = text; s.statusCount++ })
}

// each does something once a second until the returned function is called.
func (v *View) each(do func(now time.Time)) (stop func()) {
	done := make(chan struct{})
	var ended sync.WaitGroup
	ended.Go(func() {
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		for {
			select {
			case now := <-ticker.C:
				do(now)
			case <-done:
				return
			}
		}
	})
	return func() { close(done); ended.Wait() }
}

// look remembers what the last one saw.
type look struct {
	counters *generator.Counters
	ended    int64
}

// addTimes adds response times and the time that is left.
func (s *status) addTimes(p *experiment.Progress, left func() time.Duration) {
	s.P95 = milliseconds(p.TakeRecent(.95))
	for _, role := range []bench.Role{bench.Baseline, bench.Candidate} {
		if d := p.SoFar(role, .95); d > 0 {
			if s.SoFar == nil {
				s.SoFar = map[bench.Role]float64{}
			}
			s.SoFar[role] = milliseconds(d)
		}
	}
	if left != nil {
		seconds := left().Seconds()
		s.Left = &seconds
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func (l *look) at(now time.Time, s experiment.Status, trials int) status {
	if l.counters != s.Counters {
		*l = look{counters: s.Counters}
	}
	// In this order: what has ended was released before.
	failed, ended := s.Counters.Failed(), s.Counters.Ended()
	out := status{
		At: float64(now.UnixMilli()) / 1000, Stage: s.Stage, Deployment: s.Deployment, Role: string(s.Slot.Role),
		Purpose: s.Purpose,
		Epoch:   s.Slot.Epoch + 1, Trial: s.Done + 1, Trials: max(trials, s.Done+1), Warmup: s.Slot.Warmup,
		Planned: s.Planned, Released: s.Counters.Released(), Ended: ended, Failed: failed, Answered: ended - l.ended,
	}
	l.ended = ended
	return out
}

// encode is JSON of numbers and strings, which always can be.
func encode(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}

// Conclusion is what is said when a run has ended.
type Conclusion struct {
	Headline string `json:"headline"` // the verdict and what it is on
	Report   string `json:"report"`   // where the page of the run lies
}

// Conclude keeps what browsers are told when the server is closed.
func (v *View) Conclude(c Conclusion) {
	if v == nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.conclusion = c
}

func (v *View) change(f func(*shown)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	f(&v.shown)
	close(v.changed)
	v.changed = make(chan struct{})
}

// now is what is shown, and a channel that closes when it has changed.
func (v *View) now() (shown, <-chan struct{}) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.shown, v.changed
}
