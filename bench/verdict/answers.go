package verdict

import (
	"fmt"
	"slices"
	"strings"
)

// wrongAnswers returns one sentence for each operation in which a version gave
// Invalid answers, over all pairs: a disturbed machine makes answers late, it
// does not make them wrong.
func wrongAnswers(pairs []Pair, side Side) []string {
	totals, other, who := tally(pairs, side), tally(pairs, opposite(side)), called(pairs, side)
	var sentences []string
	for _, name := range operations(pairs) {
		t := totals[name]
		if t.counts.Invalid == 0 {
			continue
		}
		text := fmt.Sprintf("%s: the %s gave %s in %d", name, who, plural(t.counts.Invalid, "wrong answer"), t.counts.Arrivals)
		if len(t.wrong) > 0 {
			slices.Sort(t.wrong)
			text += " (" + strings.Join(slices.Compact(t.wrong), "; ") + ")"
		}
		switch o := other[name].counts; {
		case o.Invalid > 0:
			text += fmt.Sprintf("; so did the %s, %d times", opposite(side), o.Invalid)
		case o.Arrivals > 0:
			text += fmt.Sprintf("; the %s gave none", opposite(side))
		}
		sentences = append(sentences, text)
	}
	return sentences
}

// unverified returns one sentence for each version with trials that could not be
// verified.
func unverified(pairs []Pair) []string {
	var sentences []string
	for _, side := range []Side{Baseline, Candidate} {
		n, why := 0, ""
		for _, p := range pairs {
			if t := p.on(side); t.Unverified != "" {
				n, why = n+1, t.Unverified
			}
		}
		if n > 0 {
			sentences = append(sentences, fmt.Sprintf("what the %s did in %s could not be verified (%s)", called(pairs, side), plural(n, "trial"), why))
		}
	}
	return sentences
}

// called is what a version is called: by its side, or, where nothing is compared, the server.
func called(pairs []Pair, side Side) string {
	if len(tally(pairs, opposite(side))) == 0 {
		return "server"
	}
	return string(side)
}

func opposite(side Side) Side {
	if side == Baseline {
		return Candidate
	}
	return Baseline
}
