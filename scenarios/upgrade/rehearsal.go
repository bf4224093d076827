package upgrade

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Strategy is how green takes blue's place.
type Strategy string

// Strategies. The first migrates a copy while blue serves; the others migrate blue's own
// database, under blue or with blue stopped.
const (
	BlueGreen    Strategy = "blue-green"
	InPlace      Strategy = "in-place"
	StopTheWorld Strategy = "stop-the-world"
)

// Strategies are all.
func Strategies() []Strategy { return []Strategy{BlueGreen, InPlace, StopTheWorld} }

// StrategyNames are their names for help.
func StrategyNames() string {
	var all []string
	for _, s := range Strategies() {
		all = append(all, string(s))
	}
	return strings.Join(all, ", ")
}

// String, Set and Type make a Strategy a flag.
func (s *Strategy) String() string { return string(*s) }

// Set takes one of the names.
func (s *Strategy) Set(text string) error {
	if !slices.Contains(Strategies(), Strategy(text)) {
		return fmt.Errorf("use one of %s", StrategyNames())
	}
	*s = Strategy(text)
	return nil
}

// Type names what the flag takes.
func (s *Strategy) Type() string { return "strategy" }

// Step is one step of a rehearsal, as it went.
type Step struct {
	Name  string        `json:"name"`
	Began time.Time     `json:"began"`
	Took  time.Duration `json:"took_ns"`
	Asked int           `json:"asked,omitempty"` // questions, where it is a step of questions
}

// Rehearsal is one upgrade under way. Blue, Upgrade and Journal must be set.
type Rehearsal struct {
	Strategy Strategy // "" is BlueGreen
	Blue     Side
	Upgrade  Upgrade
	Journal  *Journal
	Twins    int           // equal things of each sort for each question
	Control  bool          // the ledger is asked over a restart of the old version first
	Load     Load          // its zero value is none
	Window   time.Duration // how long the load runs before the copy, between copy and switch at least, and after it
	Now      func() time.Time
	Say      func(step string)
	// Save, when not nil, stores what a run that is resumed begins with, as each step ends.
	Save func(Memory) error
	// Replay does an entry at green; nil is what the journal's entries ask for.
	Replay func(ctx context.Context, green Side, entry Entry) error

	ledger    Ledger
	green     Side
	to        Switch
	client    Client
	mu        sync.Mutex // sessions and things
	sessions  []*session
	things    []*thing
	phase     phaseNow
	load      *running
	steps     []Step
	checks    []Check // on the source
	examined  []Check // on the migrated database
	found     []Finding
	replay    struct{ captured, replayed int }
	migrated  time.Time // when the last of the migration ended
	began     time.Time // when the copy began
	watch     []Sample  // of the load that has ended
	questions int
	named     int  // subjects so far
	loaded    bool // the load ran when the process before this one ended
}

// phaseNow is the phase that the rehearsal is in, for the load beside it.
type phaseNow struct {
	mu  sync.Mutex
	now Phase
}

func (p *phaseNow) set(to Phase) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = to
}

func (p *phaseNow) get() Phase {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.now == "" {
		return BeforeCopy
	}
	return p.now
}

// Result is what a rehearsal has found.
type Result struct {
	Strategy Strategy  `json:"strategy"`
	Steps    []Step    `json:"steps"`
	Failed   string    `json:"failed,omitempty"` // the step that could not be done, with the reason
	Captured int       `json:"captured"`         // acts that the journal has
	Replayed int       `json:"replayed"`         // of these, at green
	Lines    []Line    `json:"ledger"`
	Source   []Check   `json:"source"`   // of blue's rows, before anything is copied
	Migrated []Check   `json:"migrated"` // of green's rows
	Findings []Finding `json:"findings"`
	Traffic  *Traffic  `json:"traffic,omitempty"`
}

// errMigration tells a migration that failed from a step that could not be done.
type errMigration struct{ error }

func (e errMigration) Unwrap() error { return e.error }

// Run does the whole rehearsal, or what a Memory has left of it. An error means that a step
// could not be done; what was done wrong, and a migration that fails, is in the findings.
func (r *Rehearsal) Run(ctx context.Context) (Result, error) {
	defer endLoad(r)
	plan := planOf(r)
	if r.loaded {
		r.startLoad(ctx)
	}
	for i, step := range plan {
		if i < len(r.steps) {
			continue // a run before this one has done it
		}
		if r.Say != nil {
			r.Say(step.name)
		}
		before := r.questions
		begun := clockOf(r)
		err := step.do(ctx)
		r.steps = append(r.steps, Step{Name: step.name, Began: begun, Took: clockOf(r).Sub(begun),
			Asked: r.questions - before})
		if err == nil && r.Save != nil {
			err = r.Save(memoryOf(r))
		}
		var failed errMigration
		if errors.As(err, &failed) && ctx.Err() == nil {
			r.found = append(r.found, Finding{Name: FoundMigration, Of: 1, Wrong: 1, Text: failed.Error(),
				Cure: "correct the rows that the pre-flight names with --before-migrate FILE.sql; " +
					"the next run of the migration goes on where this one stopped"})
			result := resultOf(r)
			result.Failed = step.name
			return result, nil
		}
		if err != nil {
			result := resultOf(r)
			result.Failed = step.name
			return result, fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return resultOf(r), nil
}

func clockOf(r *Rehearsal) time.Time {
	if r.Now != nil {
		return r.Now()
	}
	return time.Now()
}

func resultOf(r *Rehearsal) Result {
	endLoad(r)
	lines := r.ledger.Lines()
	found := append(Findings(lines, probesOf(r)), ofChecks(r.examined)...)
	found = append(found, r.found...)
	result := Result{
		Strategy: strategyOf(r), Steps: r.steps, Captured: r.replay.captured, Replayed: r.replay.replayed,
		Lines: lines, Source: r.checks, Migrated: r.examined,
	}
	if len(r.watch) > 0 {
		traffic := newTraffic(r.watch, r.steps)
		result.Traffic = &traffic
		found = append(found, traffic.findings(strategyOf(r))...)
	}
	result.Findings = sortFindings(found)
	return result
}

func strategyOf(r *Rehearsal) Strategy {
	if r.Strategy == "" {
		return BlueGreen
	}
	return r.Strategy
}

func probesOf(r *Rehearsal) []Probe { return r.Blue.Probes() }
