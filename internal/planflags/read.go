package planflags

import (
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/targets"
	"github.com/oauthbench/oauthbench/internal/variables"
)

// Asked is the plan that a command line asks for.
type Asked struct {
	Plan plan.Plan
	File string // with the plan, "" without one
	// From says where each key's value is from: a flag, a variable, or file and line. A key
	// that has none has its default.
	From map[string]string
}

// Read is the plan of a command line: defaults, then the plan file, then variables, then
// flags.
func Read(cmd *cobra.Command, command string) (plan.Plan, error) {
	a, err := Ask(cmd, command)
	return a.Plan, err
}

// Ask is Read that tells where the values are from.
func Ask(cmd *cobra.Command, command string) (Asked, error) {
	f, err := findFile(cmd)
	if err != nil {
		return Asked{}, err
	}
	if f.found {
		f.File = sayFound(cmd, command, f.File)
	}
	a, err := read(cmd, command, f.File)
	if err != nil {
		return a, err
	}
	sayUnused(cmd, command)
	return a, a.check(cmd)
}

// read makes the plan of a command from its file, nil for none, from variables and from flags.
func read(cmd *cobra.Command, command string, file *plan.File) (Asked, error) {
	a := Asked{Plan: plan.Default(command), From: map[string]string{}}
	a.Plan.SecretsAllowed = SecretsAllowed(cmd)
	if file != nil {
		if err := a.Plan.Apply(command, file); err != nil {
			return a, err
		}
		a.File = file.Path
		for _, g := range file.Given {
			a.From[g.Key] = fmt.Sprintf("%s:%d", file.Path, g.Line)
		}
	}
	if err := a.applyFlags(cmd, command); err != nil {
		return a, err
	}
	if a.Plan.Out == "" {
		a.Plan.Out, a.Plan.OutByTime = DefaultOut(command), true
	}
	return a, plan.CheckFor(command, a.Plan)
}

// check finds what is wrong with the plan as a whole.
func (a *Asked) check(cmd *cobra.Command) error {
	if err := variables.CheckUnknown(cmd.Root(), targets.Variables(a.Plan), false); err != nil {
		return err
	}
	return a.Plan.Check()
}

// applyFlags gives the plan what variables say, then what flags say. A variable whose key
// contradicts a flag is as one that is not set, for flags win.
func (a *Asked) applyFlags(cmd *cobra.Command, command string) error {
	var onLine, inVariables []string
	for _, k := range plan.For(command) {
		switch f := cmd.Flags().Lookup(k.Name); {
		case !f.Changed:
		case variables.Given(f):
			inVariables = append(inVariables, k.Name)
		default:
			onLine = append(onLine, k.Name)
		}
	}
	if one, other := plan.Contradiction(onLine); one != "" {
		return fmt.Errorf("--%s and --%s cannot be given together", one, other)
	}
	if one, other := plan.Contradiction(inVariables); one != "" {
		return fmt.Errorf("%s and %s cannot be given together", variables.Name(one), variables.Name(other))
	}
	for _, names := range [][]string{onLine, inVariables} {
		if err := replicasTwice(cmd, names); err != nil {
			return err
		}
	}
	for _, name := range inVariables {
		if one, _ := plan.Contradiction(append([]string{name}, onLine...)); one != "" {
			continue
		}
		if err := a.set(cmd, command, name, variables.Name(name)); err != nil {
			return err
		}
	}
	for _, name := range onLine {
		if err := a.set(cmd, command, name, "--"+name); err != nil {
			return err
		}
	}
	return nil
}

// replicasTwice is plan.ReplicasTwice of keys that are given in one place.
func replicasTwice(cmd *cobra.Command, names []string) error {
	given := func(name string) []string {
		if !slices.Contains(names, name) {
			return nil
		}
		return cmd.Flags().Lookup(name).Value.(*plan.Flag).Values
	}
	return plan.ReplicasTwice(given("vary"), given("replicas"))
}

// set gives one key the values that its flag holds.
func (a *Asked) set(cmd *cobra.Command, command, name, from string) error {
	for _, k := range plan.For(command) {
		if k.Name != name {
			continue
		}
		if err := a.Plan.Set(k, cmd.Flags().Lookup(name).Value.(*plan.Flag).Values); err != nil {
			return fmt.Errorf("%s: %w", from, err)
		}
		a.From[name] = from
	}
	return nil
}

// DefaultOut is where a run lies that was given no place.
func DefaultOut(command string) string {
	return "oauthbench-results/" + time.Now().UTC().Format("20060102-150405") + "-" + command
}
