package verdict

import "fmt"

// deaths names each trial in which a version's process ended under the load.
func deaths(all []Pair, side Side) []string {
	var reasons []string
	for _, p := range all {
		if t := p.on(side); t.Died != "" {
			reasons = append(reasons, fmt.Sprintf("the %s died under load: %s", side, t.Died))
		}
	}
	return reasons
}

// judgeDeaths: a candidate that dies where the baseline does not is a regression, however
// fast it was. Where both die the load may be at fault, and the candidate cannot be
// passed; where the baseline alone dies the reader is told.
func (v *Verdict) judgeDeaths(all []Pair) {
	baseline, candidate := deaths(all, Baseline), deaths(all, Candidate)
	switch {
	case len(baseline) == 0:
		v.find(Regression, candidate...)
	case len(candidate) == 0:
		for _, d := range baseline {
			v.warn("%s", d)
		}
	default:
		for _, d := range append(baseline, candidate...) {
			v.doubt(d)
		}
	}
}
