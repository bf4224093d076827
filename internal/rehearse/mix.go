package rehearse

import (
	"fmt"
	"slices"
	"strings"

	"github.com/oauthbench/oauthbench/internal/nearest"
	"github.com/oauthbench/oauthbench/scenarios"
	"github.com/oauthbench/oauthbench/scenarios/upgrade"
)

// Mix are weights of the load's operations by their names; nil is the default.
type Mix map[string]float64

// nameOf is an operation's name in a mix.
func nameOf(op upgrade.Operation) string { return strings.ReplaceAll(string(op), " ", "-") }

// String writes weights as Set reads them.
func (m *Mix) String() string { return scenarios.Weights(*m) }

// Set reads weights such as introspect=80,issue=20; what is not named is left out.
func (m *Mix) Set(text string) error {
	weights, err := scenarios.ParseWeights([]string{text})
	if err != nil {
		return err
	}
	var names []string
	for _, op := range upgrade.Operations() {
		names = append(names, nameOf(op))
	}
	for name := range weights {
		if !slices.Contains(names, name) {
			return fmt.Errorf("unknown operation %q: %s", name, nearest.Cure(name, names))
		}
	}
	*m = weights
	return nil
}

// Type names what the flag takes.
func (m *Mix) Type() string { return "weights" }

// defaultMix is upgrade.DefaultMix by names.
func defaultMix() Mix {
	m := Mix{}
	for op, weight := range upgrade.DefaultMix() {
		m[nameOf(op)] = weight
	}
	return m
}

// of is the mix as the load takes it.
func (m Mix) of() map[upgrade.Operation]float64 {
	if m == nil {
		return upgrade.DefaultMix()
	}
	all := map[upgrade.Operation]float64{}
	for _, op := range upgrade.Operations() {
		all[op] = m[nameOf(op)]
	}
	return all
}

// inWords are the shares of a mix for people.
func (m Mix) inWords() string {
	var sum float64
	weights := m.of()
	for _, weight := range weights {
		sum += weight
	}
	var all []string
	for _, op := range upgrade.Operations() {
		if weights[op] > 0 {
			all = append(all, fmt.Sprintf("%s %.0f %%", op, 100*weights[op]/sum))
		}
	}
	return strings.Join(all, ", ")
}
