package plan

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/scenarios"
)

// decidingKeys say how thorough the measurement is and what may not be exceeded.
var decidingKeys = []Key{
	{
		Name: "profile", Group: Deciding, Value: "NAME", Commands: []string{Compare}, Choices: profileNames(),
		Default: "quick",
		Usage:   "how thorough the comparison is",
		access:  choice("profile", func(p *Plan) *string { return &p.Profile }, profileNames()),
	},
	{
		Name: "budget", Group: Deciding, Value: "DURATION", Commands: withBudget,
		Default: "the profile's, or 30m for each target of capacity",
		Usage:   "time for everything, such as 25m",
		access:  span(func(p *Plan) *time.Duration { return &p.Budget }, 20*time.Second, 24*time.Hour, isZero),
	},
	{
		Name: "margin", Group: Deciding, Value: "MARGIN", Commands: withBudget, Repeat: true, Default: "auto",
		Usage: `slowdown that does not matter: 10%, "token p99 20%", "token p95 +2ms"`,
		Detail: "The most specific margin counts. Without one it is `auto`: `quick` has 25%, `ci` and `thorough` the " +
			"smallest of 10, 15, 20 and 25% at which equal versions pass nine times in ten with the noise that the " +
			"pilot and earlier runs beside this one saw; it is fixed before the first trial. A margin for " +
			"one operation leaves the others to it. A margin of noise convicts from half of it on, and " +
			"from 10% (P99: " +
			"15%) at least (`token p95 20% convicts 10%` in the command of such a run); one that was given from " +
			"itself on.",
		access: access{setMargins, marginsGiven},
	},
	{
		Name: "gate", Group: Deciding, Value: "COST", Commands: comparing, Repeat: true, Choices: costNames(),
		Usage: "cost per request that a pass waits for; other costs only convict",
		Detail: "Costs are judged on the pairs of the comparison, as far as the servers tell of them, with margins " +
			"of " + costMargins() + " unless `margin` says otherwise (`cpu 10%`). Other programs hardly change " +
			"them: with a cost as a gate a run goes on where the machine is too busy for response times. They " +
			"cannot see locks, waits and pauses.",
		access: access{setCostGates, func(p *Plan) []string { return p.CostGates }},
	},
	{
		Name: "least-margin", Group: Deciding, Value: "DURATION", Commands: comparing, Default: "50us",
		Usage:  "slowdown that never matters, whatever share it is",
		Detail: "It is about what the generator itself adds to a response time by being late.",
		access: span(func(p *Plan) *time.Duration { return &p.LeastMargin }, 0, time.Minute, nil),
	},
	{
		Name: "most-errors", Group: Deciding, Value: "SHARE", Commands: withRates, Default: "1%",
		Usage: "requests of an operation that may stay without a right answer",
		Detail: "A candidate above the limit fails, unless the baseline is above it too or chance explains the " +
			"difference. `off` sets no limit; an SLO on error_ratio stands instead of it.",
		access: access{setMostErrors, mostErrorsGiven},
	},
	{
		Name: "slo", Group: Deciding, Value: "LIMIT", Commands: withLimits, Repeat: true,
		Usage: `absolute limit, such as "token p99 < 100ms"`,
		Detail: "Without an operation, as in `p99 < 100ms`, a limit is of each operation. Limits are of p50 to " +
			"p99.9 and max in time, of error_ratio and achieved in per cent, and of invalid in answers. Counts alone " +
			"can be equal (`revoke invalid = 0`).",
		access: access{setSLOs, func(p *Plan) []string {
			var values []string
			for _, s := range p.SLOs {
				values = append(values, s.String())
			}
			return values
		}},
	},
}

// searchingKeys are of a search for capacity.
var searchingKeys = []Key{
	{
		Name: "soak", Group: Deciding, Value: "DURATION", Commands: []string{Capacity}, Default: "none",
		Usage:  "a long trial at the end, at nine tenths of the certified rate",
		access: span(func(p *Plan) *time.Duration { return &p.Soak }, 10*time.Second, 24*time.Hour, isZero),
	},
	{
		Name: "searches", Group: Deciding, Value: "NUMBER", Commands: []string{Capacity},
		Default: "1, or 3 of each version where the budget suffices",
		Usage:   "searches on each version; two versions take turns",
		access:  count(func(p *Plan) *int { return &p.Searches }, 50),
	},
}

// setMostErrors reads "1%", or "off" for no limit.
func setMostErrors(p *Plan, values []string) error {
	if values[0] == "off" {
		p.MostErrors = 0
		return nil
	}
	number, percent := strings.CutSuffix(values[0], "%")
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || !percent || !(n > 0 && n <= 100) {
		return fmt.Errorf("%q: want more than 0%% and at most 100%%, such as 1%%, or off", values[0])
	}
	p.MostErrors = n / 100
	return nil
}

// mostErrorsGiven writes the limit as setMostErrors reads it, unless it is the default.
func mostErrorsGiven(p *Plan) []string {
	switch p.MostErrors {
	case verdict.DefaultMostErrors:
		return nil
	case 0:
		return []string{"off"}
	}
	return []string{strconv.FormatFloat(100*p.MostErrors, 'g', 10, 64) + "%"}
}

func setSLOs(p *Plan, values []string) error {
	p.SLOs = nil
	for _, v := range values {
		slo, err := verdict.ParseSLO(v)
		if err != nil && !namesOperation(v) {
			slo, err = verdict.ParseSLO(EachOperation + " " + v)
		}
		if err == nil {
			err = attainable(slo)
		}
		if err != nil {
			return err
		}
		p.SLOs = append(p.SLOs, slo)
	}
	return nil
}

// attainable refuses a limit that no measured value meets.
func attainable(slo verdict.SLO) error {
	if slo.Attainable() {
		return nil
	}
	cure := slo
	cure.Operator = "<="
	if slo.Metric == "achieved" {
		cure.Operator = ">="
	}
	return fmt.Errorf("slo %q: no measured value is exactly that: want %q", slo, cure)
}

// namesOperation tells whether a limit has more before its operator than a metric: "p99 < 50ms"
// is of each operation.
func namesOperation(limit string) bool {
	before := strings.IndexAny(limit, "<>=")
	return before < 0 || len(strings.Fields(limit[:before])) != 1
}

// EachOperation stands in a limit for every operation of a run.
const EachOperation = "each"

// EachLimit has the plan's SLOs, those of each operation written out.
func (p Plan) EachLimit() []verdict.SLO {
	var all []verdict.SLO
	for _, slo := range p.SLOs {
		if slo.Operation != EachOperation {
			all = append(all, slo)
			continue
		}
		for _, operation := range scenarios.Operations(p.Scenarios) {
			slo.Operation = operation
			all = append(all, slo)
		}
	}
	return all
}
