package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/oauthbench/oauthbench/bench/verdict"
)

// costNames are the costs that can gate.
func costNames() []string {
	var names []string
	for _, k := range verdict.Costs {
		names = append(names, k.Name)
	}
	return names
}

// costMargins says the default margin of each cost: "5% (cpu), ...".
func costMargins() string {
	var words []string
	for _, k := range verdict.Costs {
		words = append(words, fmt.Sprintf("%g%% (%s)", 100*k.Margin, k.Name))
	}
	return strings.Join(words, ", ")
}

// setCostGates reads the names of costs.
func setCostGates(p *Plan, values []string) error {
	p.CostGates = nil
	for _, name := range values {
		if err := oneOf("gate", name, costNames()); err != nil {
			return err
		}
		if !slices.Contains(p.CostGates, name) {
			p.CostGates = append(p.CostGates, name)
		}
	}
	return nil
}

// costRules are how the costs of a comparison are judged: all kinds, for which of them the
// servers tell is not known before.
func (p Plan) costRules() []verdict.CostRule {
	var rules []verdict.CostRule
	for _, k := range verdict.Costs {
		rules = append(rules, verdict.CostRule{
			Name: k.Name, Margin: cmp.Or(p.CostMargins[k.Name], k.Margin), Gate: slices.Contains(p.CostGates, k.Name),
		})
	}
	return rules
}

// marginsGiven writes all margins as setMargins reads them.
func marginsGiven(p *Plan) []string {
	var values []string
	for _, m := range p.Margins {
		values = append(values, marginText(m))
	}
	for _, name := range slices.Sorted(maps.Keys(p.CostMargins)) {
		values = append(values, marginText(verdict.Margin{Operation: name, Fraction: p.CostMargins[name]}))
	}
	return values
}
