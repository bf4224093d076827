package searches

import (
	"fmt"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/capacity"
)

// standstills tell in which trials the generator stood still, and what became of them: what was due meanwhile
// was sent late, which is no time that the server took.
func (s *Searched) standstills(run *bench.Run) []string {
	var all []string
	add := func(trial int, became string) {
		if still := run.Trials[trial].Strain.StoodStill; still > 0 {
			all = append(all, fmt.Sprintf(
				"the generator stood still for %.1f s in trial %d, which is none of the server's "+
					"time: %s", still.Seconds(), trial+1, became))
		}
	}
	for _, l := range s.Searches {
		for i, p := range l.Points {
			switch {
			case p.Disturbed != "" && i+1 < len(l.Points):
				add(p.Trial, "it does not count, and was measured again")
			case p.Disturbed != "":
				add(p.Trial, "it does not count")
			case p.Outcome == capacity.Held:
				add(p.Trial, "the limits were kept all the same")
			default:
				add(p.Trial, "it does not count against the server")
			}
		}
		for _, c := range l.Checks {
			became := "of this control trial nothing is said"
			if c.Recovered {
				became = "the control trial found the server back all the same"
			}
			add(c.Trial, became)
		}
	}
	return all
}
