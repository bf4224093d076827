package runs

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/stats"
	"github.com/oauthbench/oauthbench/bench/verdict"
)

// planOfSchema1 is what the plan of such a run says about judging.
type planOfSchema1 struct {
	Profile     string           `json:"profile"`
	Gates       []verdict.Gate   `json:"gates"`
	Margins     []verdict.Margin `json:"margins"`
	LeastMargin time.Duration    `json:"least_margin_ns"`
	SLOs        []verdict.SLO    `json:"slos"`
}

// marginsOfSchema1 are the default margins of that time, the least specific there are.
var marginsOfSchema1 = []verdict.Margin{{Quantile: 0.5, Fraction: 0.05}, {Quantile: 0.95, Fraction: 0.10},
	{Quantile: 0.99, Fraction: 0.15}}

// designOfSchema1 is the rule of a run that holds only the name of its profile. A run
// that compared nothing names none; beside a baseline it is judged as quick was.
func designOfSchema1(h bench.Header) (verdict.Design, error) {
	var p planOfSchema1
	if err := json.Unmarshal(h.Plan, &p); err != nil {
		return verdict.Design{}, fmt.Errorf("the stored plan cannot be read: %w", err)
	}
	if p.Profile == "" {
		p.Profile, p.LeastMargin = "quick", 50*time.Microsecond
	}
	profiles := profilesOfSchema1()
	i := slices.IndexFunc(profiles, func(f verdict.Profile) bool { return f.Name == p.Profile })
	if i < 0 {
		return verdict.Design{}, fmt.Errorf("the run was judged by profile %q, which this version does not know",
			p.Profile)
	}
	profile := profiles[i]
	if profile.Name != "quick" {
		profile.Name = "full" // Both designs of epochs had this name in their verdicts.
	}
	return verdict.Design{
		Profile: profile, Gates: p.Gates, Margins: margins(p), LeastMargin: p.LeastMargin, SLOs: p.SLOs,
	}, nil
}

// margins writes out the defaults of the time for every operation that a gate or a
// margin names; an overall margin of the user's leaves no default.
func margins(p planOfSchema1) []verdict.Margin {
	all := slices.Clone(marginsOfSchema1)
	for _, m := range p.Margins {
		if m.Operation == "" && m.Quantile == 0 {
			all = nil
		}
	}
	return append(all, p.Margins...)
}

// profilesOfSchema1 are the rules of the profiles as runs of schema 1 were judged by them.
// They never change.
func profilesOfSchema1() []verdict.Profile {
	epochs := verdict.Profile{
		Unit: verdict.UnitEpoch, Alpha: 0.05, PairsPerEpoch: 4,
		Floors: []verdict.Floor{{Quantile: 0.5, Requests: 20}, {Quantile: 0.95, Requests: 200},
			{Quantile: 0.99, Requests: 1000}},
	}
	ci, thorough := epochs, epochs
	ci.Name, ci.Looks = "ci", []int{8}
	thorough.Name, thorough.Looks = "thorough", []int{8, 12, 15}
	thorough.Levels = []stats.Level{
		{Units: 8, Nominal: 5. / (1 << 8), Spent: 0.01947457982240591},
		{Units: 12, Nominal: 87. / (1 << 12), Spent: 0.01630250781759073},
		{Units: 15, Nominal: 1044. / (1 << 15), Spent: 0.014222912360003365},
	}
	quick := verdict.Profile{
		Name: "quick", Unit: verdict.UnitPair, Looks: []int{6}, Alpha: 0.05, PairsPerEpoch: 1,
		FreshPairs: true, BeyondMargin: true,
		Floors: []verdict.Floor{{Quantile: 0.5, Requests: 20}, {Quantile: 0.95, Requests: 100}},
	}
	return []verdict.Profile{quick, ci, thorough}
}
