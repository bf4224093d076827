package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/scenarios"
)

// targetKeys say what is measured, with which scenarios, and how much of it.
var targetKeys = []Key{
	{
		Name: "baseline", Group: Targets, Value: "TARGET", Commands: []string{Compare, Capacity},
		Default: "embedded:v1",
		Usage:   "target that runs today and is compared with",
		access:  text(func(p *Plan) *string { return &p.Baseline }),
	},
	{
		Name: "candidate", Group: Targets, Value: "TARGET", Commands: []string{Compare, Capacity}, Repeat: true,
		Default: "embedded:v2",
		Usage:   "target that must not be worse; may be repeated",
		Detail:  "Several candidates are measured one after another, each beside the baseline.",
		access:  access{setCandidates, func(p *Plan) []string { return given(p.Candidate) }},
	},
	{
		Name: "target", Group: Targets, Value: "TARGET", Commands: []string{Run, Selftest, Capacity},
		Default:  "embedded:v2",
		Excludes: []string{"baseline", "candidate"},
		Usage:    "target to measure",
		access:   text(func(p *Plan) *string { return &p.Candidate }),
	},
	{
		Name: "scenario", Group: Targets, Value: "NAME", Commands: all, Repeat: true,
		Default: "token, introspect, revoke",
		Choices: append(scenarios.Names(), scenarios.Mixed),
		Usage:   "scenarios that are mixed into one load",
		Detail:  "docs/scenarios.md and `oauthbench scenarios` describe them.",
		access: access{setScenarios, func(p *Plan) []string {
			if p.Mix != nil {
				return nil
			}
			return given(strings.Join(p.Scenarios, ","))
		}},
	},
	{
		Name: "mix", Group: Targets, Value: "WEIGHTS", Commands: all, Repeat: true, Choices: mixNames(),
		Excludes: []string{"scenario", "isolate"},
		Usage:    "weights of scenarios in one load, such as introspect=80,token=20",
		Detail:   "The rate is then that of all scenarios together. A named mix is a weight list of docs/scenarios.md.",
		access: access{setMix, func(p *Plan) []string {
			if p.Mix == nil {
				return nil
			}
			return []string{scenarios.Weights(p.Mix)}
		}},
	},
	{
		Name: "isolate", Group: Targets, Commands: []string{Compare},
		Usage:  "run the scenarios one after another instead of mixed",
		access: toggle(func(p *Plan) *bool { return &p.Isolate }),
	},
	{
		Name: "rate", Group: Targets, Value: "RATE", Commands: all, Repeat: true, Default: "auto",
		Usage: "offered rate of each scenario: 50/s, token=50/s, or auto",
		Detail: "Rates are per s, m or h. With `auto` a pilot measures what each version carries, and half of the " +
			"slower one's capacity is offered to both. For `capacity` it is the rate of the cells of `vary`.",
		access: access{setRates, ratesGiven},
	},
	{
		Name: "process", Group: Targets, Value: "NAME", Commands: all, Choices: processes(), Default: "poisson",
		Usage:  "arrival process, which says how requests are spread over time",
		access: choice("arrival process", func(p *Plan) *string { return &p.Process }, processes()),
	},
	{
		Name: "timeout", Group: Targets, Value: "DURATION", Commands: all, Default: "10s",
		Usage:  "longest wait for one answer",
		access: span(func(p *Plan) *time.Duration { return &p.Timeout }, 100*time.Millisecond, 10*time.Minute, nil),
	},
}

func setScenarios(p *Plan, values []string) error {
	if len(values) == 1 && values[0] == scenarios.Mixed {
		return setMix(p, mixNames()[:1])
	}
	p.Scenarios, p.Mix = nil, nil
	for _, v := range values {
		for name := range strings.SplitSeq(v, ",") {
			p.Scenarios = append(p.Scenarios, strings.TrimSpace(name))
		}
	}
	_, err := scenarios.Find(p.Scenarios)
	return err
}

// setMix makes one schedule of several scenarios by weight; the common rate is then
// that of all together.
func setMix(p *Plan, values []string) error {
	weights, err := scenarios.ParseMix(values)
	if err == nil {
		p.Mix, p.Scenarios = weights, slices.Sorted(maps.Keys(weights))
	}
	return err
}

func setCandidates(p *Plan, values []string) error {
	for i, v := range values {
		if slices.Contains(values[:i], v) {
			return fmt.Errorf("candidate %q is given twice", plaintext.Target(v))
		}
	}
	p.Candidate, p.More = values[0], nil
	if len(values) > 1 {
		p.More = values[1:]
	}
	return nil
}

// ratesGiven writes the rates as setRates reads them, the common one first.
func ratesGiven(p *Plan) []string {
	var values []string
	for _, name := range slices.Sorted(maps.Keys(p.Rates)) {
		value := p.Rates[name].String()
		if name != "" {
			value = name + "=" + value
		}
		values = append(values, value)
	}
	return values
}

func mixNames() []string {
	var names []string
	for _, m := range scenarios.Mixes {
		names = append(names, m.Name)
	}
	return names
}

func processes() []string {
	var names []string
	for _, p := range bench.Processes {
		names = append(names, p.Name)
	}
	return names
}
