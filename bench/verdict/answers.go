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
	totals, other := tally(pairs, side), tally(pairs, opposite(side))
	var sentences []string
	for _, name := range operations(pairs) {
		t := totals[name]
		if t.counts.Invalid == 0 {
			continue
		}
		text := fmt.Sprintf("%s: the %s gave %s in %d", name, side, plural(t.counts.Invalid, "wrong answer"), t.counts.Arrivals)
		if len(t.wrong) > 0 {
			slices.Sort(t.wrong)
			text += " (" + strings.Join(slices.Compact(t.wrong), "; ") + ")"
		}
		if n := other[name].counts.Invalid; n > 0 {
			text += fmt.Sprintf("; so did the %s, %d times", opposite(side), n)
		} else {
			text += fmt.Sprintf("; the %s gave none", opposite(side))
		}
		sentences = append(sentences, text)
	}
	return sentences
}

func opposite(side Side) Side {
	if side == Baseline {
		return Candidate
	}
	return Baseline
}
