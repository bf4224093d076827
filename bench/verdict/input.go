package verdict

import (
	"slices"
	"time"
)

// Side names one of the two versions of a comparison.
type Side string

const (
	Baseline  Side = "baseline"
	Candidate Side = "candidate"
)

// Input is everything a judgement needs: the design, and what was
// observed. Judge does not modify it.
type Input struct {
	Design
	// Pairs in the order in which they were measured, repeated ones included.
	Pairs []Pair `json:"pairs"`
	// Loose are trials without a partner: warm-ups, what an interruption left, or the
	// only trials of a run that compares nothing. Their wrong answers count like any
	// other; their times are not compared.
	Loose []Loose `json:"loose,omitempty"`
	// Merged holds the quantiles of each side's merged histograms: the headline
	// figures, and what SLOs are judged on. Quantile 1 is the maximum.
	Merged []Merged `json:"merged,omitempty"`
	// Interrupted says that the run was cut short: ^C, a crash, a used-up
	// budget. It is at best inconclusive.
	Interrupted bool `json:"interrupted,omitempty"`
}

// Gate names one comparison.
type Gate struct {
	Operation string  `json:"operation"`
	Quantile  float64 `json:"quantile"`
}

// Pair is two adjacent trials with the same schedule, one per version.
type Pair struct {
	Epoch int `json:"epoch"`
	// Block within the epoch. A repeated pair has a block of its own, so that
	// the control sees only blocks of two adjacent pairs.
	Block int `json:"block"`
	// CandidateFirst is the order of the two trials.
	CandidateFirst bool  `json:"candidate_first"`
	Baseline       Trial `json:"baseline"`
	Candidate      Trial `json:"candidate"`
}

// Loose is one trial without a partner.
type Loose struct {
	Side  Side  `json:"side"`
	Trial Trial `json:"trial"`
	// Warmup says that the trial's times are not the run's.
	Warmup bool `json:"warmup,omitempty"`
}

// answered is every trial in which answers were given, as pairs; a loose trial is a
// pair with one side empty.
func (in Input) answered() []Pair {
	all := slices.Clone(in.Pairs)
	for _, l := range in.Loose {
		half := Pair{Baseline: l.Trial}
		if l.Side == Candidate {
			half = Pair{Candidate: l.Trial}
		}
		all = append(all, half)
	}
	return all
}

// Trial is one measured phase of one version.
type Trial struct {
	Operations []Observation `json:"operations"`
	// Disturbed lists why the trial is invalid, on grounds that lie outside
	// both versions: foreign CPU, steal, offered rate, a clock step. One entry
	// on either side takes the whole pair out of the per-protocol data.
	// Latency, errors and send lag are never such a ground.
	Disturbed []string `json:"disturbed,omitempty"`
	// Costs are what the trial's requests cost; those that are not told are absent.
	Costs []Cost `json:"costs,omitempty"`
	// CostsDisturbed lists why the costs are not the version's. Other programs are no such
	// reason: they make requests late, and hardly make them dearer.
	CostsDisturbed []string `json:"costs_disturbed,omitempty"`
	// Outages are stretches without any right answer, in the order in which they began.
	Outages []Outage `json:"outages,omitempty"`
	// Flaws are what was found wrong with the version by questions beside the load.
	Flaws []Flaw `json:"flaws,omitempty"`
	// Unverified tells why what the version did could not be verified when the trial
	// was over, "" when it was. It withholds a pass.
	Unverified string `json:"unverified,omitempty"`
	// Died tells that the version's process ended under this load, and how; "" when it
	// lived. Such a trial belongs into Loose: it has no times to compare.
	Died string `json:"died,omitempty"`
}

// Flaw is something wrong with a version that no arrival showed. It counts as a wrong answer
// does: one is enough.
type Flaw struct {
	Check string `json:"check"` // that found it, such as "authentication"
	What  string `json:"what"`  // such as "token endpoint accepts a wrong secret"
}

// Observation is one operation in one trial.
type Observation struct {
	Operation string `json:"operation"`
	// Quantiles of response time over all arrivals, a failed arrival counted as
	// at least the time-out.
	Quantiles []Quantile `json:"quantiles"`
	// Counts may be zero throughout when they were not recorded: then floors
	// and errors cannot be judged, which the verdict says.
	Counts Counts `json:"counts"`
	// Offered and Achieved rate in requests per second; both 0 when not recorded.
	Offered  float64 `json:"offered,omitempty"`
	Achieved float64 `json:"achieved,omitempty"`
	// Wrong is how often an Invalid answer was wrong in which way, by a few words such as
	// "a revoked token was called active". No tokens, no secrets.
	Wrong map[string]int `json:"wrong,omitempty"`
	// Refused describes how the server refused, or failed to answer, such as "status 401
	// invalid_token".
	Refused []string `json:"refused,omitempty"`
}

// Quantile is one quantile of response time. At is in (0, 1], 1 is the maximum;
// Value is positive.
type Quantile struct {
	At    float64       `json:"at"`
	Value time.Duration `json:"value_ns"`
}

// Counts of arrivals by outcome. Arrivals is at least the sum of the others.
type Counts struct {
	Arrivals    int `json:"arrivals"`
	OK          int `json:"ok"`
	Rejected    int `json:"rejected"`
	Invalid     int `json:"invalid"`
	Timeout     int `json:"timeout"`
	Unreachable int `json:"unreachable"`
}

// Errors counts arrivals without a proper answer. Invalid answers are counted
// apart: they are wrong, not missing.
func (c Counts) Errors() int { return c.Rejected + c.Timeout + c.Unreachable }

// Plus adds outcome by outcome.
func (c Counts) Plus(d Counts) Counts {
	return Counts{
		Arrivals: c.Arrivals + d.Arrivals, OK: c.OK + d.OK, Rejected: c.Rejected + d.Rejected,
		Invalid: c.Invalid + d.Invalid, Timeout: c.Timeout + d.Timeout, Unreachable: c.Unreachable + d.Unreachable,
	}
}

// Merged holds one side's quantiles of one operation from merged histograms.
type Merged struct {
	Side      Side       `json:"side"`
	Operation string     `json:"operation"`
	Quantiles []Quantile `json:"quantiles"`
}
