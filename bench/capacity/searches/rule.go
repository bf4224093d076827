package searches

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/capacity"
	"github.com/oauthbench/oauthbench/bench/verdict"
)

// Rule is what a search is judged by. It is stored with the run.
type Rule struct {
	Limits []verdict.SLO `json:"limits"` // Limits each name an operation.
	// Sides are the deployments that are searched, a candidate alone or two.
	Sides    map[bench.Role]Side `json:"sides"`
	Searches int                 `json:"searches"` // Searches is how many each deployment has.
	// Margin is the share of the baseline's capacity that a candidate may lack; 0 where
	// nothing is compared.
	Margin float64 `json:"margin,omitempty"`
	// Rarest is the share of all requests that the rarest limited operation has, and
	// Requests how many of it a trial needs for its limit.
	Rarest   float64       `json:"rarest_share"`
	Requests int           `json:"requests"`
	Soak     time.Duration `json:"soak_ns,omitempty"`
	// Budget ends the search: what was promised beforehand is kept.
	Budget time.Duration `json:"budget_ns"`
}

// Side is the search on one deployment.
type Side struct {
	// Estimate is what a closed loop achieved, in requests per second.
	Estimate float64         `json:"closed_loop"`
	Control  float64         `json:"control"` // Control is the rate of control trials, requests per second.
	Design   capacity.Design `json:"design"`
	// Lasting says that the server runs elsewhere and cannot be started anew: all trials are of one
	// start, and a rate is confirmed without others.
	Lasting bool `json:"lasting,omitempty"`
}

// Lengths of trials. The longest bounds trials at rates so low that their percentile would
// take an hour; what it then rests on is said.
const (
	shortestTrial = 6 * time.Second
	longestTrial  = 3 * time.Minute
	// Control trials are as short, unless so few requests come in them that nothing can be told.
	shortestControl = 3 * time.Second
	longestControl  = 20 * time.Second
	controlRequests = 20
)

// controlLength is how long a control trial at a rate is.
func controlLength(rate float64) time.Duration {
	seconds := min(controlRequests/rate, longestControl.Seconds())
	return max(time.Duration(seconds*float64(time.Second)).Round(100*time.Millisecond), shortestControl)
}

// NewSide plans the search on a deployment that carries so much in a closed loop.
func NewSide(estimate float64, soak bool) Side {
	d := capacity.DefaultDesign(max(estimate/2, 1))
	d.Soak = soak
	return Side{Estimate: estimate, Control: d.First / 2, Design: d}
}

// Design is the plan of one search on a side. Later ones begin near what the one before
// them found.
func (s Side) number(n int, before capacity.Result) capacity.Design {
	d := s.Design
	if n > 0 && before.Rate > 0 {
		d.First = before.Rate / d.Growth
	}
	return d
}

// Length is how long a trial at a rate must be, in a phase.
func (r Rule) Length(phase string, rate float64) time.Duration {
	switch phase {
	case Control:
		return controlLength(rate)
	case string(capacity.Soak):
		return r.Soak
	}
	seconds := float64(r.Requests) * 1.03 / (rate * r.Rarest)
	length := time.Duration(math.Ceil(10*seconds)) * 100 * time.Millisecond
	return min(max(length, shortestTrial), longestTrial)
}

// Needs is how many requests of an operation a trial needs for a limit: ten slow ones at
// the limited percentile, two failures at the limited ratio.
func Needs(limit verdict.SLO) int {
	share, slow := 0.1, 10.0
	if q, timed := limit.Quantile(); timed {
		share = 1 - q
	} else if limit.Metric == "error_ratio" {
		share, slow = limit.Limit, 2
	}
	const most = 10_000
	return int(math.Round(slow / max(share, slow/most)))
}

// Patience is how much longer than the most of Cost a search may take until it ends as it stands: a
// server whose starts differ, or that has to be waited for, needs more trials.
const Patience = 2

// Cost is what searches take that are certified at the first attempt.
type Cost struct {
	Trials int
	// About is what half of simulated searches took, Most what nine in ten did not exceed.
	About, Most time.Duration
}

// aboutOfMost is how much of the most that a search may take one of two takes: majorities are
// reached early, and trials that failed are given up.
const aboutOfMost = 0.7

// Cost is reckoned from what preparing and verifying takes for each request and what a fresh
// start takes.
func (r Rule) Cost(overhead, restart time.Duration) Cost {
	var c Cost
	for _, s := range r.Sides {
		for _, rate := range s.Design.LikelyRates() {
			length := r.Length("", rate)
			c.add(1, length+betweenTrials+time.Duration(rate*length.Seconds()*float64(overhead)))
		}
		controls := s.Design.MostTrials()/2 + 2
		control := controlLength(s.Control)
		c.add(controls, control+betweenTrials+time.Duration(control.Seconds()*s.Control*float64(overhead)))
		c.add(0, 2*restart)
	}
	c.Trials, c.Most = r.Searches*c.Trials, time.Duration(r.Searches)*c.Most
	c.About = time.Duration(aboutOfMost * float64(c.Most))
	for _, s := range r.Sides {
		if s.Design.Soak {
			soak := r.Soak + time.Duration(r.Soak.Seconds()*s.Estimate*float64(overhead))
			c.Trials += r.Searches
			c.Most += time.Duration(r.Searches) * soak
			c.About += time.Duration(r.Searches) * soak
		}
	}
	return c
}

// add counts n trials of so long, or with none what passes beside them.
func (c *Cost) add(n int, each time.Duration) {
	c.Trials += n
	c.Most += time.Duration(max(n, 1)) * each
}

// betweenTrials is about what passes between two trials beside preparing and verifying.
const betweenTrials = 300 * time.Millisecond

// Store puts the rule into a run's header.
func (r Rule) Store(h *bench.Header) error {
	data, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("store the rule of the search: %w", err)
	}
	h.Search = data
	return nil
}

// Is tells whether a run is a search for capacity.
func Is(h bench.Header) bool { return len(h.Search) > 0 }

// Read is the rule of a run's search.
func Read(h bench.Header) (Rule, error) {
	var r Rule
	if !Is(h) {
		return r, fmt.Errorf("the run is no search for capacity")
	}
	if err := json.Unmarshal(h.Search, &r); err != nil {
		return r, fmt.Errorf("the stored rule of the search cannot be read: %w", err)
	}
	for role, s := range r.Sides {
		if err := s.Design.Check(); err != nil {
			return r, fmt.Errorf("the stored rule of the search on the %s: %w", role, err)
		}
	}
	if !(r.Rarest > 0 && r.Rarest <= 1) || r.Searches < 1 || len(r.Sides) == 0 {
		return r, fmt.Errorf("the stored rule of the search is none: %+v", r)
	}
	return r, nil
}
