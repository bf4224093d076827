// Package plan is what a user asks for: read from flags or a YAML file with the same
// keys, checked, with all defaults in one place. Nothing below internal/cli sees a
// Plan; it is resolved into loads, slots and profiles first.
package plan

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/bench/grid"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/scenarios"
)

// Plan is one resolved request. Its targets may hold secrets, and are stored without them.
type Plan struct {
	Baseline  string `json:"baseline,omitempty"`  // target; compare only
	Candidate string `json:"candidate,omitempty"` // target; the only one of a run
	// More are further candidates; each has a run, and so a stored plan, of its own.
	More      []string `json:"-"`
	Scenarios []string `json:"scenarios"`
	// Mix has the weights of the scenarios; nil when each has a rate of its own.
	Mix     map[string]float64 `json:"mix,omitempty"`
	Isolate bool               `json:"isolate,omitempty"` // scenarios one after another
	// Rates by scenario; the entry "" is for those that have none of their own.
	Rates   map[string]Rate `json:"rates"`
	Process string          `json:"process"`
	// Parameters are of the requests.
	Parameters scenarios.Parameters `json:"parameters"`
	Profile    string               `json:"profile,omitempty"`
	Budget     time.Duration        `json:"budget_ns,omitempty"`   // 0: the profile's
	Duration   time.Duration        `json:"duration_ns,omitempty"` // run only
	Timeout    time.Duration        `json:"timeout_ns"`
	// MaxWorkers is how many requests may be in flight; 0 is what the timeout allows.
	MaxWorkers int `json:"max_workers,omitempty"`
	// Transport is how requests are sent; "" only in runs older than the choice.
	Transport     bench.Transport  `json:"transport,omitempty"`
	Pacing        bench.Pacing     `json:"pacing,omitempty"`   // "": what suits the machine
	CatchUp       bench.CatchUp    `json:"catch_up,omitempty"` // "": Burst
	GeneratorCPUs bench.CPUList    `json:"generator_cpus,omitzero"`
	Margins       []verdict.Margin `json:"margins,omitempty"`
	// CostGates are the costs that a pass waits for, CostMargins the margins of costs that
	// are not the default.
	CostGates   []string           `json:"cost_gates,omitempty"`
	CostMargins map[string]float64 `json:"cost_margins,omitempty"`
	LeastMargin time.Duration      `json:"least_margin_ns,omitempty"` // 0 for none
	SLOs        []verdict.SLO      `json:"slos,omitempty"`
	// Soak is the length of the last trial of a search for capacity, 0 for none.
	Soak time.Duration `json:"soak_ns,omitempty"`
	// Searches is how many searches for capacity each target has; 0 is 1, or 3 when two are
	// compared.
	Searches int `json:"searches,omitempty"`
	// Vary is what a search for capacity is repeated over, empty for a single one. The plan
	// of a cell has none.
	Vary grid.Grid `json:"vary,omitempty"`
	// Replicas is how many instances of each server there are on its database; 0 is 1.
	Replicas int `json:"replicas,omitempty"`
	// ReplicaCPUs are the CPUs of each instance in a container, none for those of Limits.
	ReplicaCPUs []bench.CPUList `json:"replica_cpus,omitempty"`
	// External are servers that run already, by the name that targets give them.
	External map[string]map[string]string `json:"external,omitempty"`
	// SecretsAllowed are environment variables that external servers may be sent beside
	// OAUTHBENCH_*. The command line alone can name them: a plan may be a stranger's.
	SecretsAllowed []string `json:"-"`
	// Dataset fills the databases before the measurement; "" leaves them as they are.
	Dataset string `json:"dataset,omitempty"`
	// Limits of each deployment's containers, by part: server and database.
	Limits   map[string]Limits `json:"limits,omitempty"`
	Registry string            `json:"registry,omitempty"` // before the names of images
	Offline  bool              `json:"offline,omitempty"`  // never ask a registry
	// of the reference image; where it lies is not part of what it is
	Binary string `json:"-"`
	// Gates are the comparisons that decide: fixed by Profile.Gates when rates and
	// lengths are known, before the first trial. No key sets them.
	Gates []verdict.Gate `json:"gates,omitempty"`
	// Sentinels are fixed with the gates, by Profile.Sentinels.
	Sentinels []verdict.Gate `json:"sentinels,omitempty"`
	// MostErrors is the share of requests that may stay without a right answer; 0 is no limit.
	MostErrors float64 `json:"most_errors,omitempty"`
	Seed       uint64  `json:"seed"`
	Out        string  `json:"-"` // where a run lies is not part of what it is
	// OutByTime says that nobody chose Out: it is named for the time, and another run of
	// the same second gets a number behind it.
	OutByTime bool `json:"-"`
	// WaitQuiet is how long a run waits at most, before its start, for other programs to
	// leave the machine alone; 0 goes on at once.
	WaitQuiet time.Duration `json:"-"`
	// Extend is where the run lies that this one goes on from; "" for a run of its own.
	Extend string `json:"-"`
}

// The commands that read a plan.
const (
	Compare = "compare"
	Run     = "run"
	// Selftest compares its one target with itself.
	Selftest = "selftest"
	// Capacity searches the highest rate under limits, of one target or of two.
	Capacity = "capacity"
)

// Commands are all of them, in the order in which a plan that fits several is taken for one.
var Commands = []string{Compare, Run, Capacity, Selftest}

// leastMargin is about what the generator itself adds to a response time by being late.
const leastMargin = 50 * time.Microsecond

// Default returns the plan of a command that is given nothing.
func Default(command string) Plan {
	p := Plan{
		Candidate: "embedded:v2",
		Rates:     map[string]Rate{"": {Auto: true}},
		Process:   "poisson",
		Timeout:   10 * time.Second,
		Transport: bench.Transports[0],
		Seed:      rand.Uint64N(bench.MaxSeed),

		MostErrors: verdict.DefaultMostErrors,
		Scenarios:  []string{"token", "introspect", "revoke"},
		Parameters: scenarios.Defaults(),
	}
	switch command {
	case Compare:
		p.Baseline = "embedded:v1"
		p.LeastMargin = leastMargin
		p.Profile = Profiles[0].Name
	case Run:
		p.Duration = 30 * time.Second
	case Selftest:
		p.Profile = Profiles[0].Name
		p.Budget = 90 * time.Second
		p.LeastMargin = leastMargin
	}
	return p
}

// NotForError is a value that another command takes.
type NotForError struct {
	What    string // What is given.
	Command string // Command takes it.
}

func (e *NotForError) Error() string {
	return fmt.Sprintf("%s: that is for %s alone", e.What, e.Command)
}

// CheckFor finds a value that a command does not take though it has its key: a NotForError.
func CheckFor(command string, p Plan) error {
	if len(p.Vary) > 0 && command != Capacity {
		return &NotForError{"several numbers of replicas", "oauthbench " + Capacity}
	}
	return nil
}

// Check finds what no single key can see.
func (p Plan) Check() error {
	chosen, err := scenarios.Find(p.Scenarios)
	if err != nil {
		return err
	}
	for name := range p.Rates {
		known := name == ""
		for _, s := range chosen {
			known = known || s.Name == name
		}
		if !known {
			return fmt.Errorf("rate for %q, which is not among the scenarios of this run", name)
		}
	}
	if err := checkArrivals(p, chosen); err != nil {
		return err
	}
	if err := p.Parameters.Idle(chosen); err != nil {
		return err
	}
	if p.Isolate && len(p.Scenarios) == 1 {
		return errors.New("isolate needs more than one scenario")
	}
	if err := p.checkOperations(); err != nil {
		return err
	}
	if err := generator.CheckConnections(p.Sides() * cmp.Or(p.MaxWorkers, LeastWorkers)); err != nil {
		return err
	}
	return p.checkMix()
}

// checkArrivals finds a rate that makes no arrival, more arrivals than a trial can have, or more
// requests than can be made before it.
func checkArrivals(p Plan, chosen []scenarios.Scenario) error {
	for _, s := range chosen {
		most := bench.MaxArrivals
		if s.Holds(p.Parameters) {
			most = scenarios.MostHeld
		}
		if p.Rate(s.Name).PerSecond*max(p.Duration, time.Second).Seconds() > float64(most) {
			return fmt.Errorf("a rate of %v for %v: at most %d requests of %s fit one trial", p.Rate(s.Name),
				max(p.Duration, time.Second), most, s.Name)
		}
		if r := p.Rate(s.Name); !r.Auto && p.Duration > 0 && r.PerSecond*p.Duration.Seconds() < 1 {
			return fmt.Errorf("a rate of %v for %v: not one request of %s would be sent", r, p.Duration, s.Name)
		}
	}
	return nil
}

// LeastWorkers is how many workers a load has at least, unless MaxWorkers says otherwise.
const LeastWorkers = 64

// Sides is how many versions are measured in turn. Each keeps its own connections.
func (p Plan) Sides() int {
	if p.Baseline == "" {
		return 1
	}
	return 2
}

// checkOperations finds limits and margins of what this run does not measure: they
// would never be looked at.
func (p Plan) checkOperations() error {
	operations := scenarios.Operations(p.Scenarios)
	known := func(operation string) bool {
		return operation == "" || operation == EachOperation || slices.Contains(operations, operation)
	}
	for _, s := range p.SLOs {
		if limit, timed := s.Longest(); timed && limit >= p.Timeout {
			return fmt.Errorf("slo %q: no request that times out after %v could miss it: give a timeout "+
				"above the limit", s, p.Timeout)
		}
	}
	const absent = "%s for %q, which is not among the operations of this run: %s"
	for _, s := range p.SLOs {
		if !known(s.Operation) {
			return fmt.Errorf(absent, "slo", s.Operation, strings.Join(operations, ", "))
		}
	}
	for _, m := range p.Margins {
		if !known(m.Operation) && !(p.Profile == "" && m.Operation == capacityName) {
			return fmt.Errorf(absent, "margin", m.Operation, strings.Join(operations, ", "))
		}
	}
	return nil
}

// Each is a plan for every candidate, with no further ones.
func (p Plan) Each() []Plan {
	var plans []Plan
	for _, c := range append([]string{p.Candidate}, p.More...) {
		one := p
		one.Candidate, one.More = c, nil
		plans = append(plans, one)
	}
	return plans
}

// Rate of a scenario: its own, else the common one.
func (p Plan) Rate(scenario string) Rate {
	if r, ok := p.Rates[scenario]; ok {
		return r
	}
	return p.Rates[""]
}

// JSON is the plan as it is stored with the run. What may be a secret of its targets is withheld:
// see RestoreSecrets.
func (p Plan) JSON() json.RawMessage {
	p.Baseline, p.Candidate = plaintext.Target(p.Baseline), plaintext.Target(p.Candidate)
	data, err := json.Marshal(p)
	if err != nil {
		panic("plan cannot be encoded: " + err.Error()) // strings and numbers only
	}
	return data
}
