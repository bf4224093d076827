package capacityrun

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/capacity/searches"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/digits"
	"github.com/oauthbench/oauthbench/internal/session"
)

// announce states before the start what the search costs, and what it can decide.
func announce(c *session.Chosen, rule searches.Rule, cost searches.Cost) {
	for _, role := range []bench.Role{bench.Baseline, bench.Candidate} {
		side, searched := rule.Sides[role]
		if !searched {
			continue
		}
		length := rule.Length("", side.Design.First)
		c.Say("plan: %s: search from %s, trials of %v, control trials at %s", c.Sides()[role].Deployment,
			rate(side.Design.First), length, rate(side.Control))
		if words := longFor(rule, offers(c.Load(1, time.Second)), length); words != "" {
			c.Say("%s", words)
		}
		// Trials that cannot be long enough rest on fewer requests.
		if n := length.Seconds() * side.Design.First * rule.Rarest; n < 0.9*float64(rule.Requests) {
			c.Say("plan: at %s a trial has %s of the rarest operation, and its limit wants %d",
				rate(side.Design.First), digits.Count(int(math.Round(n)), "request"), rule.Requests)
		}
	}
	c.Say("cost: about %v, at most %v nine times in ten (%s); after %v in all it ends with what it knows",
		cost.About.Round(time.Second), cost.Most.Round(time.Second), digits.Count(cost.Trials, "trial"),
		rule.Budget.Round(time.Second))
	for _, words := range decides(rule, cost) {
		c.Say("%s", words)
	}
}

// long is the length of a trial that a user should know the reason of.
const long = 30 * time.Second

// longFor names the limited operation that so few requests are of that trials are long, "" when they are not, or
// when no other is limited.
func longFor(rule searches.Rule, load []offered, length time.Duration) string {
	share := map[string]float64{}
	for _, o := range load {
		share[o.operation] += o.rate
	}
	rarest, next := rule.Limits[0], 0.0
	for _, limit := range rule.Limits {
		if share[limit.Operation] < share[rarest.Operation] {
			rarest = limit
		}
	}
	var other verdict.SLO
	for _, limit := range rule.Limits {
		if s := share[limit.Operation]; limit.Operation != rarest.Operation && (next == 0 || s < next) {
			other, next = limit, s
		}
	}
	if length < long || next < 2*share[rarest.Operation] {
		return ""
	}
	return fmt.Sprintf("plan: trials are that long for %s, which %.2g %% of the requests are: limits of the others "+
		"alone (--slo '%v') make them shorter", rarest.Operation, 100*share[rarest.Operation], other)
}

// decides says what the search can show within its budget. The widths of ratios are those that nine
// of ten simulated pairs of equal servers had (TestWidthsOfRatios).
func decides(rule searches.Rule, cost searches.Cost) []string {
	var all []string
	if len(rule.Sides) == 2 {
		width, searched := "5 to 11 %, by what its trials scatter", "one search of each version knows"
		if rule.Searches >= 3 {
			width, searched = "2 to 6 %", "three searches of each version know"
		}
		all = append(all, "decides: "+searched+" the ratio of what they carry within "+width+
			"; a margin below that stays undecided")
	} else {
		all = append(all, "decides: the certified rate reads up to 5 % low; the next mix, limit or machine has its own")
	}
	if rule.Budget < cost.Most {
		all = append(all, "decides: the budget may end it before a rate is certified: then it says between which "+
			"rates the limit lies, and can be resumed with more")
	}
	return slices.Clip(all)
}
