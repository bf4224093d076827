package plan

import (
	"slices"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/experiment"
	"github.com/oauthbench/oauthbench/bench/verdict"
)

// Profile is how much work a comparison may be: a rule and a budget.
type Profile struct {
	Name    string
	Summary string
	Epochs  int // each begins with fresh server processes
	Pairs   int // in an epoch: 1, or an even number that makes blocks ABBA or BAAB
	// Budget is for everything between the start of the servers and the report.
	Budget time.Duration
	// Pilot is how long a fresh version is watched at the start, to see how long it takes
	// to settle and how much its response times scatter; 0 does without.
	Pilot  time.Duration
	Warmup time.Duration // at least, before each epoch, of each version
	LeadIn time.Duration // of each trial, sent and not recorded
	Settle time.Duration // before each trial, nothing in flight
	// Rule is what the comparison is judged by. A slow server gets its first looks only:
	// fewer epochs, so that the trials of each are long enough.
	Rule verdict.Profile
}

// Profiles are all of them, the default first. docs/method.md says where their figures
// come from.
var Profiles = []Profile{
	{
		Name: "quick", Summary: "under 2 minutes: 8 pairs with fresh servers; finds P95 slower by a quarter",
		Epochs: 8, Pairs: 1, Budget: 110 * time.Second, Pilot: 3 * time.Second,
		Warmup: 500 * time.Millisecond, LeadIn: 250 * time.Millisecond, Settle: 100 * time.Millisecond,
		Rule: verdict.Quick(),
	},
	{
		Name: "ci", Summary: "10 minutes: up to 15 epochs of 4 pairs, looked at after 8, 12 and 15; gates P95",
		Epochs: 15, Pairs: 4, Budget: 10 * time.Minute, Pilot: 10 * time.Second,
		Warmup: 2 * time.Second, LeadIn: 250 * time.Millisecond, Settle: 100 * time.Millisecond,
		Rule: verdict.CI(),
	},
	{
		Name: "thorough", Summary: "1 hour: the same with longer trials; gates P95 and P99",
		Epochs: 15, Pairs: 4, Budget: time.Hour, Pilot: 30 * time.Second,
		Warmup: 2 * time.Second, LeadIn: 250 * time.Millisecond, Settle: 100 * time.Millisecond,
		Rule: verdict.Thorough(),
	},
}

// upTo is the profile with so many of its planned looks.
func (p Profile) upTo(looks int) Profile {
	p.Rule.Looks = p.Rule.Looks[:looks]
	p.Rule.Levels = nil
	if p.Pairs > 1 {
		p.Epochs = p.Rule.Planned()
	}
	return p
}

// Slots is the order of the trials, for loads of so many parts.
func (p Profile) Slots(seed uint64, parts int) []bench.Slot {
	if p.Pairs == 1 {
		return experiment.FreshPairs(seed, p.Epochs, parts)
	}
	return experiment.Blocks(seed, p.Epochs, p.Pairs/2, parts)
}

// EffectiveProfile is the plan's profile with the plan's budget.
func (p Plan) EffectiveProfile() Profile {
	i := slices.IndexFunc(Profiles, func(f Profile) bool { return f.Name == p.Profile })
	effective := Profiles[max(i, 0)] // Set accepts known names only; a run has none
	if p.Budget != 0 {
		effective.Budget = p.Budget
	}
	return effective
}

// Rule is what a run of this plan is judged by, with the profile as it was effective.
// Gates must have been fixed.
func (p Plan) Rule(effective Profile) verdict.Design {
	return verdict.Design{
		Profile: effective.Rule, Gates: p.Gates, Sentinels: p.Sentinels, MostErrors: p.MostErrors,
		Margins: p.Margins, LeastMargin: p.Compared().LeastMargin, SLOs: p.EachLimit(), Costs: p.costRules(),
	}
}

// Compared is the plan of a run that compared nothing with the profile and the least
// margin that a comparison has by default; any other plan is returned as it is.
func (p Plan) Compared() Plan {
	if p.Profile == "" { // Run has no such key
		p.Profile, p.LeastMargin = Profiles[0].Name, leastMargin
	}
	return p
}

func profileNames() []string {
	var names []string
	for _, p := range Profiles {
		names = append(names, p.Name)
	}
	return names
}
