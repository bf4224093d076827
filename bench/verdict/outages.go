package verdict

import (
	"fmt"
	"strings"
	"time"
)

// Outage is a stretch of one trial in which operations had no right answer at all.
type Outage struct {
	Where  string        `json:"where"` // the trial, in words
	At     time.Duration `json:"at_ns"` // from the start of the trial
	Length time.Duration `json:"length_ns"`
	Failed int           `json:"failed"` // arrivals
	// Operations that failed, and whether they succeeded again within the trial.
	Operations []string `json:"operations"`
	Back       bool     `json:"back"`
}

func (o Outage) String() string {
	end := "and it did not come back within the trial"
	if o.Back {
		end = "then it came back"
	}
	return fmt.Sprintf("no right answer of %s for %v from %v of %s (%d failed), %s",
		strings.Join(o.Operations, ", "), o.Length.Round(time.Millisecond), o.At.Round(time.Millisecond), o.Where, o.Failed, end)
}

// mostOutagesShown keeps the reasons readable: one restart in every trial is one fact.
const mostOutagesShown = 3

// outages returns a sentence for each outage of each version. They withhold a pass,
// whatever the percentiles say: a server that was away for a second is no plain pass.
func outages(pairs []Pair) []string {
	var sentences []string
	for _, side := range []Side{Baseline, Candidate} {
		shown, all := 0, 0
		for _, p := range pairs {
			for _, o := range p.on(side).Outages {
				if all++; shown < mostOutagesShown {
					shown++
					sentences = append(sentences, fmt.Sprintf("the %s was away: %v", called(pairs, side), o))
				}
			}
		}
		if all > shown {
			sentences = append(sentences, fmt.Sprintf("the %s was away %s more", called(pairs, side), plural(all-shown, "time")))
		}
	}
	return sentences
}
