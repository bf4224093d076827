package bench

import "time"

// Gap is an outage within a trial: a stretch in which no arrival of some operations
// succeeded and at least MinGapFailures of them in a row failed, too many for the share of
// failures outside of it to explain. Arrivals of the lead-in count too. A wrong answer is no
// failure here, for whoever gives it is there; nor is what this machine could not send.
type Gap struct {
	// At is when the first failed arrival was due, from the trial's start.
	At time.Duration `json:"at_ns"`
	// Length is from there until the next arrival that succeeded was due or, if none did,
	// until the end of the schedule.
	Length time.Duration `json:"length_ns"`
	// Outcomes are how the arrivals ended that failed in it.
	Outcomes   Outcomes `json:"outcomes"`
	Operations []string `json:"operations"` // whose arrivals failed, sorted
	// Back says that each of these operations succeeded again within the trial.
	Back bool `json:"back"`
}

// MinGapFailures is how many arrivals of one operation in a row must fail.
const MinGapFailures = 3
