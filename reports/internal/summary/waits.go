package summary

import (
	"time"

	"oauthbench/bench"
)

// silentArrivals is how many arrivals must be due while no answer comes before that is
// called silence: of a slow trickle chance alone leaves seconds empty.
const silentArrivals = 20

// silence is the longest time in which no expected answer came between two that did, in
// whole seconds; 0 where answers are not counted by second. A server that is slow but
// steady has none: its first answers come late, and then they come.
func silence(t *bench.Trial) time.Duration {
	if !AnswersCounted(t) {
		return 0
	}
	var longest, silent time.Duration
	begun := false
	for _, sec := range AchievedRates(t) {
		switch {
		case sec.Rate == 0:
			silent += sec.Width
			continue
		case begun:
			longest = max(longest, silent)
		}
		begun, silent = true, 0
	}
	if t.Load.Rate()*longest.Seconds() < silentArrivals {
		return 0
	}
	return longest
}
