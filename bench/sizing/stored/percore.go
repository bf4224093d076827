package stored

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/stats"
	"github.com/oauthbench/oauthbench/internal/digits"
)

// Carried is what one core of the server's CPU carries of one operation.
type Carried struct {
	Operation       string
	Low, Rate, High float64 // requests a second, with the 90 % interval over trials
	Trials          int
}

// fewestTrials is how many trials an interval needs.
const fewestTrials = 3

// PerCore finds what one core carries of each operation, from runs of one deployment of which each has
// one operation. What a trial spent includes what the server spends when it is idle.
func PerCore(runs []Run) (of bench.Deployment, all []Carried, err error) {
	if len(runs) == 0 {
		return of, nil, errors.New("no run is given")
	}
	of = runs[0].Deployments[bench.Candidate]
	costs := map[string][]float64{} // CPU-seconds of a request, by operation, of each trial
	for _, r := range runs {
		if what := differ(of, r.Deployments[bench.Candidate]); what != "" {
			return of, nil, fmt.Errorf("%s and %s are runs of different deployments: %s", runs[0].Dir, r.Dir, what)
		}
		for i := range r.Trials {
			t := &r.Trials[i]
			if t.Role != bench.Candidate || t.Warmup || t.Died != "" || len(t.Excluded) > 0 || !t.Server.Known ||
				t.Sent == 0 {
				continue
			}
			if len(t.Measurements) != 1 {
				return of, nil, fmt.Errorf("%s has %s in one load, whose costs cannot be told "+
					"apart: measure "+
					"each alone", r.Dir, digits.Count(len(t.Measurements), "operation"))
			}
			name := t.Measurements[0].Operation
			costs[name] = append(costs[name], t.Server.CPU.Seconds()/float64(t.Sent))
		}
	}
	for name, each := range costs {
		if len(each) < fewestTrials {
			return of, nil, fmt.Errorf("%s was measured in %s, and an interval needs %d: compare or "+
				"search with it, "+
				"where a run has one trial alone", name, digits.Count(len(each), "trial"), fewestTrials)
		}
		low, mean, high := stats.Student(each, 0.05)
		if !(low > 0) {
			return of, nil, fmt.Errorf("what %s costs differs too much from trial to trial for an interval: "+
				"measure longer",
				name)
		}
		all = append(all, Carried{Operation: name, Low: 1 / high, Rate: 1 / mean, High: 1 / low, Trials: len(each)})
	}
	if len(all) == 0 {
		return of, nil, errors.New("no undisturbed trial tells what the server spent: it must run on this machine")
	}
	slices.SortFunc(all, func(a, b Carried) int { return cmp.Compare(a.Operation, b.Operation) })
	return of, all, nil
}
