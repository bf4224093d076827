package experiment

import (
	"sync"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
)

// Progress is where an experiment is. One goroutine runs the experiment, any number
// may look. A nil Progress notes nothing.
type Progress struct {
	mu       sync.Mutex
	now      Status
	seen     soFar
	listener func(Arrival)
	purpose  string
}

// Status is one look at a running experiment.
type Status struct {
	Slot       bench.Slot
	Deployment string
	// Stage is preparing, measuring or verifying, or what is done Between trials.
	Stage    string
	Since    time.Time
	Planned  int // arrivals of this trial
	Counters *generator.Counters
	Done     int // trials that have ended, warm-ups not counted
	// Purpose is what the trial is for, "" where trials are all of one plan, and between them.
	Purpose string

	over bool // The trial has ended, and its failures are counted.
}

// Now returns the current status; the zero Status before the first trial.
func (p *Progress) Now() Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

func (p *Progress) begin(s bench.Slot, deployment, stage string, planned int, c *generator.Counters) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = Status{Slot: s, Deployment: deployment, Stage: stage, Since: time.Now(), Planned: planned, Counters: c,
		Done: p.now.Done, Purpose: p.purpose}
}

// For says what the trials to come are for, as "ramp at 400/s".
func (p *Progress) For(purpose string) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.purpose = purpose
}

// Between notes what is done between trials, and with which deployment: "" for all of them.
func (p *Progress) Between(deployment, stage string) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now.Deployment, p.now.Stage, p.now.Since, p.now.Purpose = deployment, stage, time.Now(), ""
}

func (p *Progress) stage(name string) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now.Stage, p.now.Since = name, time.Now()
}

func (p *Progress) done() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.now.Slot.Warmup {
		p.now.Done++
	}
	if p.now.Counters != nil && !p.now.over {
		p.now.over = true
		p.seen.mu.Lock()
		p.seen.failed += p.now.Counters.Failed()
		p.seen.mu.Unlock()
	}
}
