package bench

import "slices"

// Flaw is something wrong with a server that no arrival of the load showed: it was found by
// a question that was asked beside the load, off the clock. All fields come from a small
// fixed set. One is enough to call the server wrong, as one wrong answer is.
type Flaw struct {
	Check     string `json:"check"`     // the check that found it, such as "authentication"
	Operation string `json:"operation"` // the operation that it belongs to
	What      string `json:"what"`      // what is wrong, in a few words
}

// BeforeTrials is the check that found what was answered wrongly in a burn-in or a pilot.
const BeforeTrials = "burn-in and pilot"

// addFlaws adds those that are not there yet.
func addFlaws(all, more []Flaw) []Flaw {
	for _, f := range more {
		if !slices.Contains(all, f) {
			all = append(all, f)
		}
	}
	return all
}
