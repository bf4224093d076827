package capacity

// Ending says how a search came to its end.
type Ending string

// The endings of a search.
const (
	// Certified: enough fresh trials held at the rate, and a rate above it failed.
	Certified Ending = "certified"
	// AboveGenerator: the server held at the generator's own limit, so that its capacity
	// was not found.
	AboveGenerator Ending = "not found below the generator's limit"
	// Unreachable: the server failed at the least rate.
	Unreachable Ending = "limits are not kept at any rate"
	// Unfinished: the search was stopped.
	Unfinished Ending = "unfinished"
)

// Result is what a search has found so far.
type Result struct {
	Ending Ending `json:"ending"`
	// Rate is the highest one that held, confirmed when Ending is Certified or
	// AboveGenerator; 0 when none held.
	Rate float64 `json:"rate"`
	// Above is the lowest rate that failed; 0 when none did.
	Above float64 `json:"above,omitempty"`
	// SoakHeld tells how the long trial ended; nil when there was none.
	SoakHeld *bool `json:"soak_held,omitempty"`
}

// Result tells what has been found.
func (s *Search) Result() Result {
	r := Result{Ending: Unfinished, Rate: s.low, Above: s.high, SoakHeld: s.soakHeld}
	switch {
	case s.unreachable:
		r.Ending, r.Rate = Unreachable, 0
	case s.confirmed && s.unbounded:
		r.Ending, r.Above = AboveGenerator, 0
	case s.confirmed:
		r.Ending = Certified
	}
	return r
}

// Steps of a search that starts at half of the capacity and is certified at the first attempt, the
// soak left out: what may be promised beforehand.
const (
	likelyRamp      = 4 // rates of the ramp that hold
	likelyFailures  = 2 // trials at the rate above them
	likelyBisection = 3 // rates between the two
	votes           = 5 // trials of each, at most
)

// MostTrials bounds the trials of a whole search that goes as is likely.
func (d Design) MostTrials() int { return len(d.LikelyRates()) }

// LikelyRates are about the rates of those trials: once the ramp is over, all are near its end.
func (d Design) LikelyRates() []float64 {
	var rates []float64
	rate := d.First
	for range likelyRamp {
		rates = append(rates, rate)
		rate *= d.Growth
	}
	for range likelyFailures + likelyBisection*votes + d.Confirmations {
		rates = append(rates, rate/d.Growth)
	}
	return rates
}
