package capacity

import (
	"fmt"
	"math"
)

// Phase says what a trial is for.
type Phase string

// The phases of a search, in their order.
const (
	Ramp    Phase = "ramp"
	Bisect  Phase = "bisect"
	Confirm Phase = "confirm"
	Soak    Phase = "soak"
)

// Design is the plan of a search. All rates are in requests per second. Use
// DefaultDesign and change what must be changed.
type Design struct {
	First float64 `json:"first"` // First is the rate of the first trial, more than 0.
	// Least ends the search downwards: a server that fails there keeps its limits at no
	// rate that is worth measuring.
	Least float64 `json:"least"`
	// Most ends the ramp upwards: the generator's own limit. 0 is none.
	Most       float64 `json:"most,omitempty"`
	Growth     float64 `json:"growth"`     // Growth is the factor between rates of the ramp, above 1.
	Resolution float64 `json:"resolution"` // Resolution is the factor between held and failed rate, above 1.
	// Confirmations is how many trials confirm a rate, Needed how many of them must hold.
	Confirmations int  `json:"confirmations"`
	Needed        int  `json:"needed"`
	Soak          bool `json:"soak,omitempty"` // Soak asks for a long trial at the end.
	// MostAbove is by which factor a certified rate may lie above the one at which half of the trials hold, but for a
	// chance of one in twenty, as the curve through all trials has it. 0 asks for no such proof.
	MostAbove float64 `json:"most_above,omitempty"`
}

// SoakShare is the part of the certified rate that the soak trial has.
const SoakShare = 0.9

// DefaultDesign starts at a rate and leaves all else as the package comment has it.
func DefaultDesign(first float64) Design {
	return Design{First: first, Least: 1, Growth: 1.25, Resolution: 1.05, Confirmations: 5, Needed: 4, MostAbove: 1.05}
}

// Step is the next trial.
type Step struct {
	Phase Phase   `json:"phase"`
	Rate  float64 `json:"rate"` // requests per second
	// Fresh asks for a fresh start of the server before the trial.
	Fresh bool `json:"fresh,omitempty"`
}

// Outcome is how a trial ended.
type Outcome string

// The outcomes of a trial.
const (
	Held   Outcome = "held"   // Every limit was kept.
	Failed Outcome = "failed" // A limit was not kept.
	// Beyond says that the generator could not send so much: nothing is known of the server.
	Beyond Outcome = "beyond the generator"
)

// Trial is a step and how it ended.
type Trial struct {
	Step
	Outcome Outcome `json:"outcome"`
}

// Search is one search under way. The zero value is not valid. It is not safe for
// concurrent use.
type Search struct {
	design Design
	trials []Trial
	phase  Phase

	rate        float64 // of the question that is asked now
	held, lost  int     // answers to it
	low, high   float64 // highest rate that held by majority, lowest that failed; 0 for none yet
	confirmed   bool
	soakHeld    *bool
	unreachable bool // not even the least rate held
	unbounded   bool // what is above low is the generator's limit
	lowered     int  // confirmations that failed
	descents    int  // steps downwards in the ramp
}

// Check finds what is wrong with a design.
func (d Design) Check() error {
	if !(d.First > 0 && d.Least > 0 && d.Growth > 1 && d.Resolution > 1) || d.Needed < 1 ||
		d.Needed > d.Confirmations {
		return fmt.Errorf("no search can have the design %+v", d)
	}
	return nil
}

// New begins a search. It panics when the design is none.
func New(d Design) *Search {
	if err := d.Check(); err != nil {
		panic("capacity: " + err.Error())
	}
	if d.Most > 0 {
		d.First = min(d.First, d.Most)
	}
	return &Search{design: d, phase: Ramp, rate: max(d.First, d.Least)}
}

// Next is the trial to run now. It is false when the search is over.
func (s *Search) Next() (Step, bool) {
	if s.phase == "" {
		return Step{}, false
	}
	step := Step{Phase: s.phase, Rate: s.rate}
	if s.phase == Confirm {
		// Two starts at the least: the luck of one must not carry a certificate.
		answers := s.held + s.lost
		step.Fresh = answers == 0 || answers == (s.design.Confirmations+1)/2
	}
	if s.phase == Soak {
		step.Rate = s.low * SoakShare
	}
	return step, true
}

// Record tells how the trial of Next ended. It panics when the search is over.
func (s *Search) Record(o Outcome) {
	step, ok := s.Next()
	if !ok {
		panic("capacity: a trial after the end of the search")
	}
	s.trials = append(s.trials, Trial{step, o})
	held := o == Held
	switch {
	case o == Beyond && s.phase != Soak:
		s.beyond()
		return
	case held:
		s.held++
	default:
		s.lost++
	}
	switch s.phase {
	case Ramp:
		s.ramp()
	case Bisect:
		s.bisect()
	case Confirm:
		s.confirm()
	case Soak:
		s.soakHeld = &held
		s.phase = ""
	}
}

// ramp goes on once the trials at this rate agree: a single one that held is enough
// to go up, a failure needs the majority of three.
func (s *Search) ramp() {
	goingUp := s.high == 0
	switch {
	case s.held >= 2 || s.held == 1 && s.lost == 0 && goingUp:
		s.low = s.rate
		if !goingUp {
			s.between()
			return
		}
		if s.design.Most > 0 && s.rate >= s.design.Most {
			s.unbounded = true
			s.ask(Confirm, s.low)
			return
		}
		next := s.rate * s.design.Growth
		if s.design.Most > 0 {
			next = min(next, s.design.Most)
		}
		s.ask(Ramp, next)
	case s.lost >= 2:
		s.high, s.unbounded = s.rate, false
		s.below()
	}
}

// below goes on after the rate turned out too high in the ramp.
func (s *Search) below() {
	switch {
	case s.low > 0:
		s.between()
	case s.rate <= s.design.Least:
		s.unreachable = true
		s.phase = ""
	default:
		// Each step down is twice the one before it: a limit that no rate keeps must not cost
		// a ramp of fifty trials.
		s.ask(Ramp, max(s.rate/math.Pow(s.design.Growth, s.down()), s.design.Least))
	}
}

// down is the next step downwards, in steps of the ramp.
func (s *Search) down() float64 {
	s.descents++
	return math.Exp2(float64(s.descents - 1))
}

// beyond takes the rate for the generator's limit: the search stays below it, as if the
// server had failed there, and a rate that is certified next to it is no capacity.
func (s *Search) beyond() {
	s.high, s.unbounded = s.rate, true
	switch s.phase {
	case Ramp:
		s.below()
	case Bisect:
		s.between()
	case Confirm:
		s.lower()
	}
}

// bisect goes on once three of at most five trials agree.
func (s *Search) bisect() {
	switch {
	case s.held >= 3:
		s.low = s.rate
		s.between()
	case s.lost >= 3:
		s.high, s.unbounded = s.rate, false
		s.between()
	}
}

// between asks for the middle of the bracket, or for confirmations when it is narrow.
func (s *Search) between() {
	if s.high/s.low <= s.design.Resolution*(1+1e-9) {
		s.ask(Confirm, s.low)
		return
	}
	s.ask(Bisect, math.Sqrt(s.low*s.high))
}

// confirm ends when enough trials held, and lowers the rate when too many failed.
func (s *Search) confirm() {
	switch {
	case s.held >= s.design.Needed && s.rate > s.surely() && s.rate > s.design.Least:
		s.ask(Confirm, max(s.rate/s.design.Resolution, s.design.Least))
	case s.held >= s.design.Needed:
		s.confirmed = true
		s.low = s.rate
		if s.phase = ""; s.design.Soak {
			s.ask(Soak, s.low)
		}
	case s.lost > s.design.Confirmations-s.design.Needed:
		s.high, s.unbounded = s.rate, false
		s.lower()
	}
}

// surely is the highest rate that all trials together allow to certify: one that so many happened to hold at is not
// taken where the others say that most would fail.
func (s *Search) surely() float64 {
	low, ok := surelyBelow(s.trials)
	if !ok || s.design.MostAbove == 0 {
		return math.Inf(1)
	}
	return low * s.design.MostAbove
}

// lower confirms a lower rate: by one resolution at first, by two, four and more when even
// that failed, so that starts which differ widely do not cost a trial for each five per cent.
func (s *Search) lower() {
	if s.rate <= s.design.Least {
		s.unreachable = true
		s.phase = ""
		return
	}
	steps := math.Exp2(float64(max(s.lowered-1, 0)))
	s.lowered++
	s.low = s.heldBelow(s.high)
	s.ask(Confirm, max(s.rate/math.Pow(s.design.Resolution, steps), s.design.Least))
}

// heldBelow is the highest rate under a limit at which more trials held than failed, 0 for none.
func (s *Search) heldBelow(limit float64) (highest float64) {
	majority := map[float64]int{}
	for _, t := range s.trials {
		if t.Outcome == Held {
			majority[t.Rate]++
		} else {
			majority[t.Rate]--
		}
	}
	for rate, n := range majority {
		if n > 0 && rate < limit {
			highest = max(highest, rate)
		}
	}
	return highest
}

func (s *Search) ask(phase Phase, rate float64) {
	s.phase, s.rate, s.held, s.lost = phase, rate, 0, 0
}

// Trials are all that were recorded, in order. The caller must not change them.
func (s *Search) Trials() []Trial { return s.trials }
