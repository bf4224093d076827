package session

import (
	"slices"

	"github.com/oauthbench/oauthbench/bench"
)

// A trial is disturbed when other programs took a tenth of the machine, and also when they took so much
// more than they usually do beside the same version: in a trial of some seconds a burst of both
// cores for a tenth of a second lies behind the percentiles that are compared. What a machine always
// has beside the versions meets all trials alike, and is no such reason.
const (
	unusualShare = 0.04 // of the machine
	leastUsual   = 2    // trials before it, warm-ups included
)

// unusual tells whether other programs took more than usual in a trial, by the machine's counters alone:
// beside the same version, or beside both as long as that one has too few trials. The first pair of a run
// has nothing but the pilots before it, and a burst in it counts as much as in any other.
func unusual(earlier []bench.Trial, t bench.Trial) bool {
	var own, all []float64
	for _, e := range earlier {
		if !e.Machine.Known {
			continue
		}
		all = append(all, e.Machine.Foreign)
		if e.Role == t.Role {
			own = append(own, e.Machine.Foreign)
		}
	}
	shares := own
	if len(own) < leastUsual {
		shares = all
	}
	if !t.Machine.Known || len(shares) < leastUsual {
		return false
	}
	slices.Sort(shares)
	return t.Machine.Foreign > shares[(len(shares)-1)/2]+unusualShare
}

const unusualWords = "other programs used 4 % of the machine more than usual"
