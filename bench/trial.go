package bench

import (
	"slices"
	"time"
)

// Role is which side of a comparison a trial measured.
type Role string

// The roles. A run without comparison has candidates only.
const (
	Baseline  Role = "baseline"
	Candidate Role = "candidate"
)

// MaxSeed bounds every seed of a run: below it, readers of JSON that know only
// float64 read the same number.
const MaxSeed = 1 << 53

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
	Drawing    int           `json:"drawing,omitempty"` // how arrivals follow from the seed (see Drawing); 0 is 1
	Elapsed    time.Duration `json:"elapsed_ns"`        // start to the last byte of the last arrival
	Planned    int64         `json:"planned"`           // arrivals of the schedule
	Sent       int64         `json:"sent"`              // arrivals that were released
	Dropped    int64         `json:"dropped,omitempty"` // arrivals not sent, for all workers were busy
	Offered    float64       `json:"offered"`           // requests per second, after the lead-in
	Achieved   float64       `json:"achieved"`          // requests per second that ended OK, after the lead-in

	// InFlight is how many arrivals were due and not yet answered, on average after the
	// lead-in, counted when answers were read and not from response times: an audit holds
	// the two against each other (Little's law). 0 when not known.
	InFlight float64 `json:"in_flight,omitempty"`

	Measurements []Measurement `json:"measurements"`
	// Queue is how the arrivals waited for each other; nil in runs stored before it existed.
	Queue *Queue `json:"queue,omitempty"`
	// Gaps are the outages within the trial, in the order in which they began.
	Gaps []Gap `json:"gaps,omitempty"`
	// Facts are counts that the workload kept beside its answers, by name.
	Facts map[string]int64 `json:"facts,omitempty"`
	// Notes are what the workload saw that is not wrong and that a reader should know,
	// with how often.
	Notes map[string]int64 `json:"notes,omitempty"`
	// Flaws are what was found wrong with the server by questions beside the load.
	Flaws []Flaw `json:"flaws,omitempty"`
	// Lags are delays between an answer and its effect, by name.
	Lags      map[string]*Histogram `json:"lags,omitempty"`
	Server    Usage                 `json:"server"`
	Database  Usage                 `json:"database"`  // when it has processes of its own
	Generator Usage                 `json:"generator"` // this program
	// Compilers are the server's just-in-time compilers, part of Server; not known of a
	// server without any.
	Compilers Usage `json:"compilers,omitzero"`
	// Paused is how long all of the server stood still for its garbage to be collected; 0
	// when it does not tell.
	Paused time.Duration `json:"gc_paused_ns,omitempty"`
	Tuning Tuning        `json:"tuning"` // how the generator set itself up
	Strain Strain        `json:"strain"` // and what the load did to it
	// Connects are the connections made during the load. Their time is within the service
	// time of the requests that waited for them.
	Connects Connects `json:"connects"`
	// Runtime was read when the load had just ended, nil when the server does not tell.
	Runtime *Runtime `json:"runtime,omitempty"`
	// Allocated is how many bytes of heap the server allocated in this trial; 0 when it does
	// not tell.
	Allocated int64 `json:"allocated_bytes,omitempty"`
	// Counters are of this trial alone, nil when the database does not tell.
	Counters *DatabaseCounters `json:"counters,omitempty"`
	// Pools are the server's pools of database connections in this trial alone, nil when
	// it does not tell.
	Pools []Pool `json:"pools,omitempty"`
	// Waits are what the connections to the database waited for, nil when nobody looked.
	Waits   *Waits       `json:"waits,omitempty"`
	Machine Interference `json:"machine"`
	// Excluded tells why the trial must not count, on grounds that have nothing to
	// do with how the server behaved. Empty for a valid trial.
	Excluded []string `json:"excluded,omitempty"`
	// Unverified tells why what the server did could not be verified afterwards, ""
	// when it was. An unverified trial cannot support a pass.
	Unverified string `json:"unverified,omitempty"`
	// Died tells that the server's process ended under this load, and how; "" when it lived.
	// The trial is lost, with its pair: its times are those of a server that was not there.
	Died string `json:"died,omitempty"`
	// Causes are what the server's own parts say is wrong with them, asked when something had
	// failed: a full disk, a part that has ended, with the last line of its log.
	Causes   []Cause  `json:"causes,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
	// Search says what the trial was for in a search for capacity; nil in other runs.
	Search *SearchStep `json:"search,omitempty"`
}

// SearchStep is a trial's place in a search for capacity. Whether the trial kept the limits
// is not stored: it follows from the trial and the run's rule.
type SearchStep struct {
	// Number counts the searches on one deployment, from 0.
	Number int `json:"number"`
	// Phase is "control" for a trial at a low rate between those of the search, else a phase
	// of bench/capacity.
	Phase string  `json:"phase"`
	Rate  float64 `json:"rate"` // Rate is all requests together, per second, as asked for.
	// Fresh says that the server was started anew for this trial.
	Fresh bool `json:"fresh,omitempty"`
	// GaveUp says why the trial was ended early, "" when it was not: more had failed already
	// than the whole trial may lose.
	GaveUp string `json:"gave_up,omitempty"`
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

// Cases is how often something was wrong, over all operations.
func (t *Trial) Cases(name string) (n int64) {
	for _, m := range t.Measurements {
		n += m.Cases[name]
	}
	return n
}

// Unanswered is how many recorded arrivals the server gave no proper answer to: it refused
// them, or there was none.
func (t *Trial) Unanswered() (n int64) {
	for _, m := range t.Measurements {
		n += m.Outcomes.Rejected + m.Outcomes.Timeout + m.Outcomes.Unreachable
	}
	return n
}

// GeneratorFailed tells whether the generator stood still or could not send what was due.
func (t *Trial) GeneratorFailed() bool { return t.Unable() || t.Strain.StoodStill > 0 }

// Unable tells whether something that was due could not leave this machine.
func (t *Trial) Unable() bool {
	return slices.ContainsFunc(t.Measurements, func(m Measurement) bool { return m.Outcomes.Unable > 0 })
}

// Connects is what making connections took, which is part of the service time of the
// requests that waited for them.
type Connects struct {
	Made   int64         `json:"made"`
	Failed int64         `json:"failed,omitempty"`
	Total  time.Duration `json:"total_ns"` // of those made; TCP and TLS
	Peak   time.Duration `json:"peak_ns"`
}

// Usage is what processes spent during a trial.
type Usage struct {
	CPU     time.Duration `json:"cpu_ns"`         // user and system
	PeakRSS int64         `json:"peak_rss_bytes"` // 0 when not known
	Known   bool          `json:"known"`
}

// Since is what was spent between two readings.
func (u Usage) Since(before Usage) Usage {
	if !u.Known || !before.Known || u.CPU < before.CPU {
		return Usage{} // restarted in between, or not told
	}
	return Usage{CPU: u.CPU - before.CPU, PeakRSS: u.PeakRSS, Known: true}
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

// Limits beyond which a trial does not count (method: validity). They look only at
// the machine and the generator, never at how the server behaved: a rule that could
// exclude a slow server would favour it. Send lag is no such ground: a server that
// takes the cores from the generator makes it late.
const (
	MaxForeignShare   = 0.10 // of all cores, used by other programs
	MaxStealShare     = 0.02 // of all cores, taken by the hypervisor
	MaxGeneratorShare = 0.80 // of the processors it may use, used by this program
	MinStandstill     = 150 * time.Millisecond
	// MaxCompilers is no ground to exclude a trial either: a server whose compilers take more
	// cores than that is still getting faster, which its figures are to be read with.
	MaxCompilers = 0.10
)
