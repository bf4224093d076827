package session

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/digits"
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
	var all []targets.Target
	for _, role := range slices.Sorted(maps.Keys(of)) {
		all = append(all, of[role])
	}
	slow, warm := warming(all)
	if warm == 0 {
		return ""
	}
	each := warm + besideWarmUp
	least, fit := p.Rule.Looks[0], int(p.Budget/each)
	words := fmt.Sprintf("%s: a fresh process gets faster for minutes, and levels differ from start to "+
		"start; a pair of "+
		"starts takes about %v, of which %d fit into %v (%s)", slow, each.Round(time.Second), fit, p.Budget, p.Name)
	if fit < least && !given {
		fit = min(least, int(mostStretch*p.Budget/each))
		words += fmt.Sprintf(", which is stretched to about %v for %d",
			(time.Duration(fit) * each).Round(time.Minute), fit)
	}
	if fit < least && given {
		return words + fmt.Sprintf(", of the %d that it needs: whether they fit all the same the burn-in will tell",
			least)
	}
	i := slices.IndexFunc(resolutions, func(r resolution) bool { return fit >= r.pairs })
	return words + ": enough to tell " + resolutions[i].tells
}

// warming names the targets that warm up, and says how long a fresh process of each takes for it together.
func warming(of []targets.Target) (names string, warm time.Duration) {
	var slow []string
	for _, t := range of {
		if t.WarmUp > 0 {
			slow = append(slow, t.Text)
			warm += t.WarmUp
		}
	}
	return strings.Join(slices.Compact(slow), " and "), warm
}

// quickerAtMost is how many times faster a server may warm up than its folder says, on a better machine.
const quickerAtMost = 2

// WarmInTime is an error when a comparison of these targets cannot fit into the budget that was given, for the
// pairs of starts that its profile needs at least would take longer to warm up alone, on a machine twice as fast. What
// nearly fits only the burn-in can tell.
func WarmInTime(of []targets.Target, p plan.Plan) error {
	slow, warm := warming(of)
	profile := p.EffectiveProfile()
	least := profile.Rule.Looks[0]
	sure := time.Duration(least) * warm / quickerAtMost
	if p.Budget == 0 || sure <= p.Budget {
		return nil
	}
	usual := (time.Duration(least) * (warm + besideWarmUp)).Round(time.Minute)
	return fmt.Errorf("a budget of %v is too small for %s: a fresh process gets faster for minutes, and the %s "+
		"of fresh starts that profile %s needs warm up for %v even on a fast machine: give about %v, no budget "+
		"(the profile's grows), or compare servers that run already", p.Budget, slow, digits.Count(least, "pair"),
		profile.Name, sure, usual)
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
