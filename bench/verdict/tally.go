package verdict

// total adds up one operation of one version over pairs.
type total struct {
	counts            Counts
	offered, achieved float64 // sums of rates: trials of a run have equal length
	wrong             []string
}

// tally adds up every operation of one side.
func tally(pairs []Pair, side Side) map[string]total {
	totals := map[string]total{}
	for _, p := range pairs {
		for _, o := range p.on(side).Operations {
			t := totals[o.Operation]
			t.counts = t.counts.Plus(o.Counts)
			t.offered += o.Offered
			t.achieved += o.Achieved
			t.wrong = append(t.wrong, o.Wrong...)
			totals[o.Operation] = t
		}
	}
	return totals
}

// on returns the trial of one version.
func (p Pair) on(side Side) Trial {
	if side == Baseline {
		return p.Baseline
	}
	return p.Candidate
}

// operations lists the operations of the pairs in the order first seen.
func operations(pairs []Pair) []string {
	var names []string
	seen := map[string]bool{}
	for _, p := range pairs {
		for _, side := range []Side{Baseline, Candidate} {
			for _, o := range p.on(side).Operations {
				if !seen[o.Operation] {
					seen[o.Operation] = true
					names = append(names, o.Operation)
				}
			}
		}
	}
	return names
}
