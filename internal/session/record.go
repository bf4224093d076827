package session

import (
	"fmt"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/host"
)

// record is a run as it is stored while it goes.
type record struct {
	run      bench.Run
	dir      *directory
	observer Observer
	stopped  []string // why the run ended itself before its plan did
	resumed  bool     // The run was begun by another process,
	before   int      // which had stored so many trials.
}

// untouched tells whether a run was to be resumed, and ended with nothing added.
func (r *record) untouched() bool { return r.resumed && len(r.run.Trials) == r.before }

// begin stores the header.
func (r *record) begin(h bench.Header) error {
	wakeups := h.Environment.Wakeups
	h.Schema, h.Environment = bench.RunSchema, host.ThisEnvironment()
	h.Environment.Wakeups = wakeups
	r.run.Header = h
	return r.dir.file.WriteHeader(h)
}

// keep stores a trial without showing it.
func (r *record) keep(t bench.Trial) error {
	r.run.Trials = append(r.run.Trials, t)
	return r.dir.file.WriteTrial(t)
}

// add stores a trial that has just ended and shows the run so far.
func (r *record) add(t bench.Trial) error {
	if err := r.keep(t); err != nil {
		return err
	}
	r.observer.Publish(&r.run)
	return nil
}

// nothingMeasured tells whether a run ended early with nothing measured: then there is
// nothing to report, and nothing is kept.
func (r *record) nothingMeasured(cause error) bool {
	if r.dir.file.Empty() {
		return true
	}
	for _, t := range r.run.Trials {
		if !t.Warmup {
			return false
		}
	}
	if cause == nil {
		return false
	}
	r.dir.file.Discard()
	return true
}

// nothingSucceeded tells why no request of the whole run was answered as a server answers
// that can be measured, "" when one was. Wrong answers are answers: the verdict names them.
func (r *record) nothingSucceeded() string {
	var total bench.Outcomes
	cases := map[string]int64{}
	for _, t := range r.run.Trials {
		for _, m := range t.Measurements {
			total.Merge(m.Outcomes)
			for name, n := range m.Cases {
				cases[name] += n
			}
		}
	}
	if total.Total() == 0 || total.OK > 0 || total.Invalid > 0 {
		return ""
	}
	most := ""
	for name, n := range cases {
		if n > cases[most] || n == cases[most] && name < most {
			most = name
		}
	}
	for _, t := range r.run.Trials {
		for note := range t.Notes {
			if most != "" && strings.Contains(note, most) {
				return fmt.Sprintf("none of %d requests succeeded (%s)", total.Total(), note)
			}
		}
	}
	return fmt.Sprintf("none of %d requests succeeded (%s)", total.Total(), most)
}

// finish stores how the run ended. cause is nil when it came to its own end.
func (r *record) finish(cause error) error {
	end := bench.End{At: time.Now(), Stopped: r.stopped}
	if cause != nil {
		end.Interrupted = cause.Error()
	}
	r.run.End = &end
	r.observer.Publish(&r.run)
	return r.dir.file.WriteEnd(end)
}
