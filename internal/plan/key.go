package plan

import (
	"fmt"
	"slices"

	"github.com/oauthbench/oauthbench/internal/plaintext"
)

// Key is one thing a user can set: a flag of the commands that have it and a key of
// the plan file. Flags, completion, help, the record of a run and the reference in
// docs/plan.md are all made from this one definition.
type Key struct {
	Name  string
	Group Group
	// Value is what a value looks like in help, such as RATE; "" is a switch, which is
	// given by naming it.
	Value string
	// Usage is one sentence that stands alone, without its full stop, in at most
	// mostUsage characters.
	Usage string
	// Detail is what the reference says beyond Usage, in whole sentences; "" is nothing.
	Detail string
	// Default is what holds when the key is not given, in words; "" says nothing.
	Default  string
	Commands []string // Commands that have the key.
	Repeat   bool     // A repeated key may be given more than once, or as a list or map in a file.
	Choices  []string // All values there are, when they are few.
	// Excludes names keys that cannot be given together with this one.
	Excludes []string
	access
}

// access reads and writes what a key stands for in a plan.
type access struct {
	set func(p *Plan, values []string) error
	// get returns the values that make the setting again, none when it is as it would be
	// without the key. A key without get is no part of what a run is.
	get func(p *Plan) []string
}

// Group is a heading under which help and reference list keys.
type Group string

// Groups are in the order of the help.
const (
	Targets   Group = "What is measured"
	Requests  Group = "What is sent"
	Deciding  Group = "How it is decided"
	Generator Group = "How the generator sends"
	InEngine  Group = "Servers in containers"
	Running   Group = "The run"
)

// Groups are all of them, in the order of the help.
var Groups = []Group{Targets, Requests, Deciding, Generator, InEngine, Running}

// Keys are all of them, group by group.
var Keys = slices.Concat(
	targetKeys, varyingKeys, requestKeys, decidingKeys, searchingKeys, generatorKeys, containerKeys, runningKeys,
)

// Sets of commands that share keys.
var (
	both       = []string{Compare, Run}
	comparing  = []string{Compare, Selftest}
	withLimits = []string{Compare, Run, Capacity}
	withBudget = []string{Compare, Selftest, Capacity}
	withRates  = []string{Compare, Run, Selftest}
	all        = []string{Compare, Run, Selftest, Capacity}
)

// Switch tells whether the key takes no value.
func (k Key) Switch() bool { return k.Value == "" }

// NamesTarget tells whether the key's values are targets.
func (k Key) NamesTarget() bool { return k.Value == "TARGET" }

// Set gives a key its values. Errors name the value at fault.
func (p *Plan) Set(k Key, values []string) error {
	if !k.Repeat && len(values) != 1 {
		return fmt.Errorf("%s takes one value, not %d", k.Name, len(values))
	}
	if len(values) == 0 {
		return fmt.Errorf("%s is empty", k.Name)
	}
	return k.set(p, values)
}

// Given returns the values that make a plan's setting again: none when it is as it would be
// without the key, and for a key that is no part of what a run is.
func (k Key) Given(p *Plan) []string {
	if k.get == nil {
		return nil
	}
	return k.get(p)
}

// Shown is Given as it may be stored and shown: what may be a secret is withheld.
func (k Key) Shown(p *Plan) []string {
	var values []string
	for _, value := range k.Given(p) {
		values = append(values, k.shown(value))
	}
	return values
}

func (k Key) shown(value string) string {
	if k.NamesTarget() {
		return plaintext.Target(value)
	}
	return value
}

// For lists the keys of a command.
func For(command string) []Key {
	var keys []Key
	for _, k := range Keys {
		if slices.Contains(k.Commands, command) {
			keys = append(keys, k)
		}
	}
	return keys
}

// Flags are the command-line flags that make this plan again, for a run's record.
func (p Plan) Flags(command string) []string {
	var flags []string
	for _, k := range For(command) {
		if command == Capacity && k.Name == p.otherName() {
			continue
		}
		for _, value := range k.Given(&p) {
			flags = append(flags, "--"+k.Name)
			if !k.Switch() {
				flags = append(flags, k.shown(value))
			}
		}
	}
	return flags
}

// otherName is the key of a search for capacity that stands for the same target as another: one
// alone is a target, beside a baseline it is a candidate.
func (p Plan) otherName() string {
	if p.Baseline == "" {
		return "candidate"
	}
	return "target"
}

// Contradiction names two keys among those given that exclude each other; both are ""
// when there are none.
func Contradiction(given []string) (one, other string) {
	for _, k := range Keys {
		if !slices.Contains(given, k.Name) {
			continue
		}
		for _, excluded := range k.Excludes {
			if slices.Contains(given, excluded) {
				return k.Name, excluded
			}
		}
	}
	return "", ""
}
