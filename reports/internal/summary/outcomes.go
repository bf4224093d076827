package summary

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"oauthbench/bench"
)

// outcomeCount is one kind of outcome and how often it came.
type outcomeCount struct {
	Outcome bench.Outcome
	N       int64
}

// outcomes lists all kinds in their order, zeros included.
func outcomes(o bench.Outcomes) []outcomeCount {
	return []outcomeCount{
		{bench.OK, o.OK}, {bench.Rejected, o.Rejected}, {bench.Invalid, o.Invalid},
		{bench.Timeout, o.Timeout}, {bench.Unreachable, o.Unreachable},
	}
}

// caseCount is one way to be wrong and how often it came.
type caseCount struct {
	Name string
	N    int64
}

// cases lists what was wrong, the most frequent first.
func cases(m bench.Measurement) []caseCount {
	var cs []caseCount
	for _, name := range slices.Sorted(maps.Keys(m.Cases)) {
		cs = append(cs, caseCount{plain(name), m.Cases[name]})
	}
	slices.SortStableFunc(cs, func(a, b caseCount) int { return cmp.Compare(b.N, a.N) })
	return cs
}

// outcomeWords says what did not end in OK and why: "3 rejected, 1 invalid (a revoked
// token was called active 1)".
func outcomeWords(m bench.Measurement) string {
	var why []string
	for _, c := range cases(m) {
		name := c.Name
		if name == "" {
			name = "no case given"
		}
		why = append(why, fmt.Sprintf("%s: %s", name, count(c.N)))
	}
	words := notOK(m.Outcomes)
	if len(why) > 0 {
		words += " (" + strings.Join(why, "; ") + ")"
	}
	return words
}
