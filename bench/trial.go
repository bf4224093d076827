package bench

import (
	"time"

	"oauthbench/bench/http1"
)

// ClosedLoop is the Process of a load whose arrivals are due when others have been
// answered: Workers are always in flight, and Length says nothing.
const ClosedLoop = "closed"

// Load is what one trial asks of a deployment. The zero value is no load.
type Load struct {
	Process string        `json:"process"` // name of an arrival Process
	Streams []Stream      `json:"streams"`
	LeadIn  time.Duration `json:"lead_in_ns"`  // sent, not recorded
	Length  time.Duration `json:"length_ns"`   // lead-in included
	Timeout time.Duration `json:"timeout_ns"`  // of one request, from its send
	Workers int           `json:"max_workers"` // requests in flight at most
	// Transport is how the requests were sent; "" in runs older than the choice: Std.
	Transport Transport `json:"transport,omitempty"`
	// Pacing is how the generator waits; "" in runs older than the choice: Precise.
	Pacing Pacing `json:"pacing,omitempty"`
	// CatchUp is what becomes of arrivals due while all workers are busy; "" is Burst.
	CatchUp CatchUp `json:"catch_up,omitempty"`
	// CPUs are those that the generator is bound to, none for no binding.
	CPUs CPUList `json:"generator_cpus,omitzero"`
}

// Stream is the part of a load that one scenario sends.
type Stream struct {
	Scenario string  `json:"scenario"`
	Rate     float64 `json:"rate"` // offered, requests per second
}

// Rate is the offered rate of all streams together, requests per second.
func (l Load) Rate() float64 {
	var sum float64
	for _, s := range l.Streams {
		sum += s.Rate
	}
	return sum
}

// Role is which side of a comparison a trial measured.
type Role string

// The roles. A run without comparison has candidates only.
const (
	Baseline  Role = "baseline"
	Candidate Role = "candidate"
)

// Slot is a trial's place in the order of a run.
type Slot struct {
	Epoch    int    `json:"epoch"`    // from 0
	Block    int    `json:"block"`    // from 0 in the run
	Pair     int    `json:"pair"`     // from 0 in the run
	Position int    `json:"position"` // 0 to 3 in the block, as it was run
	Role     Role   `json:"role"`
	Seed     uint64 `json:"seed"`            // of the schedule and the requests; the same in a pair
	Part     int    `json:"part"`            // which load of an isolated run, else 0
	Again    int    `json:"again,omitempty"` // how often the pair was repeated before
	// Warmup marks a trial that only brought the deployment to its working
	// temperature. It is stored, and its wrong answers count; its times do not.
	Warmup bool `json:"warmup,omitempty"`
}

// Trial is one load on one deployment, as measured.
type Trial struct {
	Slot
	Deployment string        `json:"deployment"` // name of a Deployment of the run
	Load       Load          `json:"load"`
	Started    time.Time     `json:"started"`           // when offset 0 of the schedule was due
	Elapsed    time.Duration `json:"elapsed_ns"`        // start to the last byte of the last arrival
	Planned    int64         `json:"planned"`           // arrivals of the schedule
	Sent       int64         `json:"sent"`              // arrivals that were released
	Dropped    int64         `json:"dropped,omitempty"` // arrivals not sent, for all workers were busy
	Offered    float64       `json:"offered"`           // requests per second, after the lead-in
	Achieved   float64       `json:"achieved"`          // requests per second that ended OK, after the lead-in

	// InFlight is how many arrivals were due and not yet answered, on average after the
	// lead-in, counted when answers were taken and not from response times: an audit holds
	// the two against each other (Little's law). 0 when not known.
	InFlight float64 `json:"in_flight,omitempty"`

	Measurements []Measurement `json:"measurements"`
	// Facts are counts that the workload kept beside its answers, by name.
	Facts map[string]int64 `json:"facts,omitempty"`
	// Notes are what the workload saw that is not wrong and that a reader should know,
	// with how often.
	Notes map[string]int64 `json:"notes,omitempty"`
	// Lags are delays between an answer and its effect, by name.
	Lags      map[string]*Histogram `json:"lags,omitempty"`
	Server    Usage                 `json:"server"`
	Database  Usage                 `json:"database"`  // when it has processes of its own
	Generator Usage                 `json:"generator"` // this program
	Tuning    Tuning                `json:"tuning"`    // how the generator set itself up
	Strain    Strain                `json:"strain"`    // and what the load did to it
	// Connects are the connections made during the load. Their time is within the service
	// time of the requests that waited for them.
	Connects http1.Connects `json:"connects"`
	// Runtime was read when the load had just ended, nil when the server does not tell.
	Runtime *Runtime `json:"runtime,omitempty"`
	// Counters are of this trial alone, nil when the database does not tell.
	Counters *DatabaseCounters `json:"counters,omitempty"`
	// Pools are the server's pools of database connections in this trial alone, nil when
	// it does not tell.
	Pools   []Pool       `json:"pools,omitempty"`
	Machine Interference `json:"machine"`
	// Excluded tells why the trial must not count, on grounds that have nothing to
	// do with how the server behaved. Empty for a valid trial.
	Excluded []string `json:"excluded,omitempty"`
	// Unverified tells why what the server did could not be verified afterwards, ""
	// when it was. An unverified trial cannot support a pass.
	Unverified string   `json:"unverified,omitempty"`
	Warnings   []string `json:"warnings,omitempty"`
}

// Measurement returns the trial's measurement of an operation, nil if it has none.
func (t *Trial) Measurement(operation string) *Measurement {
	for i := range t.Measurements {
		if t.Measurements[i].Operation == operation {
			return &t.Measurements[i]
		}
	}
	return nil
}

// Usage is what processes spent during a trial.
type Usage struct {
	CPU     time.Duration `json:"cpu_ns"`         // user and system
	PeakRSS int64         `json:"peak_rss_bytes"` // 0 when not known
	Known   bool          `json:"known"`
}

// Interference is what a trial had to share its machine with. Shares are of all
// cores: 1 means every core for the whole trial. Without Known all are 0.
type Interference struct {
	Known     bool          `json:"known"`
	Cores     int           `json:"cores"`
	Busy      float64       `json:"busy_share"`    // all processes
	Foreign   float64       `json:"foreign_share"` // busy, but neither server nor generator
	Steal     float64       `json:"steal_share"`   // taken by the hypervisor
	ClockStep time.Duration `json:"clock_step_ns"` // wall clock against monotonic clock
}
