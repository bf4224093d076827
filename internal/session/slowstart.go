package session

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/targets"
)

// besideWarmUp is what a pair of starts costs beside the burn-ins, one after the other: both
// starts, a load at the rate of the trials until compilers rest, and four trials of 8 s.
const besideWarmUp = 70 * time.Second

// resolution is what some pairs of starts can tell, at least.
type resolution struct {
	pairs int
	tells string
}

// resolutions are what a number of pairs of starts can tell of equal servers whose levels differ
// by 5 to 10 % from start to start, as those of a JVM do (docs/method.md).
var resolutions = []resolution{
	{20, "a change of P95 by 10 %"},
	{10, "a change of P95 by 15 %"},
	{3, "a change of a percentile by 30 % and more"},
	{1, "wrong answers and costs; percentiles are shown, and one pair of starts says little of them"},
	{0, "wrong answers and costs, not percentiles: a pair of starts does not fit"},
}

// decidable says what a budget can decide about servers that warm up, before any is started; ""
// where none does. given says that the budget is the user's, and is not stretched.
func decidable(of map[bench.Role]targets.Target, p plan.Profile, given bool) string {
	var slow []string
	var warm time.Duration
	for _, role := range slices.Sorted(maps.Keys(of)) {
		if t := of[role]; t.WarmUp > 0 {
			slow = append(slow, t.Text)
			warm += t.WarmUp
		}
	}
	if len(slow) == 0 {
		return ""
	}
	each := warm + besideWarmUp
	least, fit := p.Rule.Looks[0], int(p.Budget/each)
	words := fmt.Sprintf("%s: a fresh process gets faster for minutes, and levels differ from start to "+
		"start; a pair of "+
		"starts takes about %v, of which %d fit into %v (%s)", strings.Join(slices.Compact(slow), " and "),
		each.Round(time.Second), fit, p.Budget, p.Name)
	if fit < least && !given {
		fit = min(least, int(mostStretch*p.Budget/each))
		words += fmt.Sprintf(", which is stretched to about %v for %d",
			(time.Duration(fit) * each).Round(time.Minute), fit)
	}
	i := slices.IndexFunc(resolutions, func(r resolution) bool { return fit >= r.pairs })
	return words + ": enough to tell " + resolutions[i].tells
}

// tellProducts says that two products were started, not two versions of one, and in which
// settings they are not alike.
func (s *servers) tellProducts() {
	one, isCompared := s.deployments[bench.Baseline]
	other := s.deployments[bench.Candidate]
	if !isCompared || one.Identity.Server == other.Identity.Server {
		return
	}
	text := fmt.Sprintf("%s and %s are two products, and not alike: %s", one.Identity.Server, other.Identity.Server,
		unlike(one.Identity.Settings, other.Identity.Settings))
	s.observer.Say("%s", text)
	s.notes = append(s.notes, text)
}

// unlike lists the servers' own settings that one side has otherwise, or the other has not.
func unlike(one, other map[string]string) string {
	said := func(value string) string {
		if value == "" {
			return "untold"
		}
		return value
	}
	keys := map[string]bool{}
	for _, side := range []map[string]string{one, other} {
		for key := range side {
			keys[key] = !strings.HasPrefix(key, "db.") && !strings.HasPrefix(key, "limit.")
		}
	}
	var all []string
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if keys[key] && one[key] != other[key] {
			all = append(all, fmt.Sprintf("%s %s against %s", key, said(one[key]), said(other[key])))
		}
	}
	return strings.Join(append(all, "what no setting tells, such as the format of tokens and what a session writes"),
		"; ")
}
