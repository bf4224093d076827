package bench

import (
	"encoding/json"
	"slices"
	"time"
)

// RunSchema is the version of the run file's format. Readers refuse newer ones.
const RunSchema = 2

// Deployment identifies one authorization server under test: what a result is a
// result of. It never holds secrets.
type Deployment struct {
	Name     string            `json:"name"` // unique in a run, as the user wrote the target
	Server   string            `json:"server"`
	Version  string            `json:"version"`
	Image    string            `json:"image,omitempty"`
	Digest   string            `json:"digest,omitempty"`
	Database string            `json:"database,omitempty"`
	Settings map[string]string `json:"settings,omitempty"` // every effective one
}

// Header is what is known of a run before its first trial.
type Header struct {
	Schema  int             `json:"schema"`
	Tool    string          `json:"tool"`    // version of oauthbench
	Command []string        `json:"command"` // as it can be repeated
	Started time.Time       `json:"started"`
	Seed    uint64          `json:"seed"`
	Plan    json.RawMessage `json:"plan"` // the resolved plan, as internal/plan writes it
	// Design is the rule that the run is judged by, as bench/verdict/runs writes it: whole,
	// with all defaults. Runs of schema 1 have none.
	Design json.RawMessage `json:"design,omitempty"`
	// Search is the rule of a search for capacity, as bench/capacity/searches writes it;
	// empty in other runs.
	Search      json.RawMessage     `json:"search,omitempty"`
	Environment Environment         `json:"environment"`
	Deployments map[Role]Deployment `json:"deployments"`
	Loads       []Load              `json:"loads"` // one, or one for each scenario of an isolated run
	Pilots      []Pilot             `json:"pilots,omitempty"`
	Warmups     []Warmup            `json:"warmups,omitempty"`
	BurnIns     []BurnIn            `json:"burn_ins,omitempty"`
	Slots       int                 `json:"slots"` // trials planned
	Warnings    []string            `json:"warnings,omitempty"`
}

// Pilot is a short closed-loop burst that found what a deployment can carry.
type Pilot struct {
	Role       Role          `json:"role,omitempty"` // "" in runs stored before it existed
	Deployment string        `json:"deployment"`
	Scenarios  []string      `json:"scenarios"`
	Workers    int           `json:"workers"` // requests in flight, always
	Completed  int64         `json:"completed"`
	Elapsed    time.Duration `json:"elapsed_ns"`
	Capacity   float64       `json:"capacity"` // completed per second
}

// Of tells whether it was a role's deployment that was tried. Two deployments may have one name; where
// the role was not stored, the name is all there is.
func (p Pilot) Of(role Role, deployment string) bool {
	if p.Role != "" {
		return p.Role == role
	}
	return p.Deployment == deployment
}

// BurnIn is the closed loop that brought a freshly started deployment to its speed.
type BurnIn struct {
	Role       Role          `json:"role,omitempty"` // "" in runs stored before it existed
	Deployment string        `json:"deployment"`
	Requests   int64         `json:"requests"`
	Elapsed    time.Duration `json:"elapsed_ns"` // preparing and verifying included
	Windows    []float64     `json:"windows"`    // requests per second in each
	Settled    bool          `json:"settled"`    // it gained no more at the end, and compiled no more
	// Compilers is what its just-in-time compilers took in each window, in cores; nil where it
	// has none, or they cannot be seen.
	Compilers []float64 `json:"compiler_cores,omitempty"`
	// Slow tells that it was not quick to settle: every later start has a burn-in, too.
	Slow bool `json:"slow,omitempty"`
}

// Warmup is what the warm-up pilot of a freshly started deployment showed.
type Warmup struct {
	Role       Role          `json:"role,omitempty"` // "" in runs stored before it existed
	Deployment string        `json:"deployment"`
	Length     time.Duration `json:"length_ns"` // of the pilot
	// Settled is how long response times took to become steady; nil when the pilot was
	// too short to tell.
	Settled *time.Duration `json:"settled_ns,omitempty"`
	// Chosen is the warm-up of every epoch, the same for all deployments.
	Chosen time.Duration `json:"chosen_ns"`
	// Cold is the P95 of response times in the first 2 s, Warm that of the rest.
	Cold time.Duration `json:"cold_p95_ns"`
	Warm time.Duration `json:"warm_p95_ns"`
}

// End closes a run that came to an end of its own or was stopped in good order.
type End struct {
	At time.Time `json:"at"`
	// Interrupted tells why not all slots were run, "" when they were.
	Interrupted string `json:"interrupted,omitempty"`
	// Stopped tells why the run ended itself before its plan did, by a rule that looks
	// at noise only: the environment was too noisy for the rest to decide anything.
	// Such a run is whole, and inconclusive.
	Stopped []string `json:"stopped,omitempty"`
}

// Run is one run as it is stored.
type Run struct {
	Header
	Trials []Trial
	End    *End // nil when the program died before it could write it
}

// Complete tells whether every planned trial is there.
func (r *Run) Complete() bool { return r.Incomplete() == "" }

// Incomplete tells why trials are missing, "" when none are.
func (r *Run) Incomplete() string {
	switch {
	case r.End == nil:
		return "the program ended before the run did"
	default:
		return r.End.Interrupted
	}
}

// Resumable tells whether trials may be added: the run was interrupted, or is a search that stopped
// before its end, as one does whose time is used up.
func (r *Run) Resumable() bool {
	return r.End == nil || r.End.Interrupted != "" || len(r.Search) > 0 && len(r.End.Stopped) > 0
}

// Operations lists the names of all operations measured, in order of appearance.
func (r *Run) Operations() []string {
	var names []string
	seen := map[string]bool{}
	for _, t := range r.Trials {
		for _, m := range t.Measurements {
			if !seen[m.Operation] {
				seen[m.Operation] = true
				names = append(names, m.Operation)
			}
		}
	}
	return names
}

// Valid returns the trials of a role that may count: not a warm-up, not excluded, and
// not the partner of an excluded one, for a pair counts whole or not at all.
func (r *Run) Valid(role Role) []Trial { return r.of(role, r.valid()) }

// Shown returns the trials that figures are shown of: the valid ones or, when every
// pair was disturbed, all of them, for the reader of an invalid run. Nothing may be
// decided from those.
func (r *Run) Shown(role Role) []Trial { return r.of(role, r.Counting()) }

// Counting tells of each trial of the run whether it is Shown.
func (r *Run) Counting() []bool {
	counts := r.valid()
	if !slices.Contains(counts, true) {
		for i, t := range r.Trials {
			counts[i] = !t.Warmup
		}
	}
	return counts
}

func (r *Run) valid() []bool {
	type pair struct{ part, pair, again int }
	spoilt := map[pair]bool{}
	for _, t := range r.Trials {
		if (len(t.Excluded) > 0 || t.Died != "") && !t.Warmup { // a warm-up has no place in the order
			spoilt[pair{t.Part, t.Pair, t.Again}] = true
		}
	}
	valid := make([]bool, len(r.Trials))
	for i, t := range r.Trials {
		valid[i] = !t.Warmup && !spoilt[pair{t.Part, t.Pair, t.Again}]
	}
	return valid
}

func (r *Run) of(role Role, which []bool) []Trial {
	var ts []Trial
	for i, t := range r.Trials {
		if t.Role == role && which[i] {
			ts = append(ts, t)
		}
	}
	return ts
}

// Merged is all that a role's shown trials measured of an operation.
func (r *Run) Merged(role Role, operation string) Measurement {
	var ms []Measurement
	for _, t := range r.Shown(role) {
		if m := t.Measurement(operation); m != nil {
			ms = append(ms, *m)
		}
	}
	return Merge(operation, ms...)
}
