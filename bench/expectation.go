package bench

import (
	"maps"
	"slices"
)

// Expectation is one case of a workload's matrix: what was asked of what, and which
// answers the specification allows. All fields come from a small fixed set.
type Expectation struct {
	Operation string `json:"operation"`
	Kind      string `json:"kind"`     // of token or document, such as "access token"
	State     string `json:"state"`    // it was in, such as "revoked"
	Expected  string `json:"expected"` // the answers that are OK, in words
	Source    string `json:"source"`   // the section that says so
}

// Expected is how the arrivals of one case ended, recorded and overruled as in
// Measurement.Outcomes.
type Expected struct {
	Expectation
	Outcomes Outcomes `json:"outcomes"`
}

// Observation is what a workload learnt beside its answers. The zero value is none.
type Observation struct {
	// Facts are counts by name, from a small fixed set: they add up over trials.
	Facts map[string]int64
	// Lags are delays between an answer and its effect, by name.
	Lags map[string]*Histogram
	// Notes are what was seen that is not wrong and that a reader should know, with how
	// often. At most MaxNotes different ones are kept; the rest is "other notes".
	Notes map[string]int64
	// Flaws are what was found wrong with the server by questions beside the load.
	Flaws []Flaw
}

// MaxNotes is how many different notes an observation keeps.
const MaxNotes = 32

// Note counts n more occurrences of what a reader should know.
func (sum *Observation) Note(text string, n int64) {
	if sum.Notes == nil {
		sum.Notes = map[string]int64{}
	}
	if _, known := sum.Notes[text]; !known && len(sum.Notes) >= MaxNotes {
		text = "other notes"
	}
	sum.Notes[text] += n
}

// Merge adds what o has. The histograms of o stay as they are.
func (sum *Observation) Merge(o Observation) {
	for name, n := range o.Facts {
		if sum.Facts == nil {
			sum.Facts = map[string]int64{}
		}
		sum.Facts[name] += n
	}
	sum.Flaws = addFlaws(sum.Flaws, o.Flaws)
	for _, text := range slices.Sorted(maps.Keys(o.Notes)) {
		sum.Note(text, o.Notes[text])
	}
	for name, h := range o.Lags {
		if sum.Lags == nil {
			sum.Lags = map[string]*Histogram{}
		}
		if sum.Lags[name] == nil {
			sum.Lags[name] = NewHistogram()
		}
		sum.Lags[name].Merge(h)
	}
}

// Expect counts an arrival's outcome under its case.
func (m *Measurement) Expect(e Expectation, outcome Outcome, n int64) {
	var o Outcomes
	o.Add(outcome, n)
	m.expectAll(Expected{e, o})
}

func (m *Measurement) expectAll(e Expected) {
	for i := range m.Expectations {
		if m.Expectations[i].Expectation == e.Expectation {
			m.Expectations[i].Outcomes.Merge(e.Outcomes)
			return
		}
	}
	m.Expectations = append(m.Expectations, e)
}

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
