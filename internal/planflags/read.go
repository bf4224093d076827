package planflags

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"oauthbench/internal/plan"
	"oauthbench/internal/targets"
	"oauthbench/internal/terminal"
	"oauthbench/internal/variables"
)

// noPlan is the --plan of a user who wants none, though there is one here.
const noPlan = "none"

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
	a := Asked{Plan: plan.Default(command), From: map[string]string{}}
	a.Plan.SecretsAllowed = SecretsAllowed(cmd)
	file, err := chosenFile(cmd, command)
	if err != nil {
		return a, err
	}
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
	if err := variables.CheckUnknown(cmd.Root(), targets.Variables(a.Plan), false); err != nil {
		return a, err
	}
	return a, a.Plan.Check()
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

// chosenFile is the plan that --plan names, else the one that lies here, else nil. A plan that
// lies here is named, for nobody asked for it; one for other commands is not used.
func chosenFile(cmd *cobra.Command, command string) (*plan.File, error) {
	path, _ := cmd.Flags().GetString("plan") // Add has made it.
	switch {
	case path == noPlan || path == "" && cmd.Flags().Changed("plan"):
		return nil, nil
	case path != "":
		return plan.ReadFile(path)
	case cmd.Flags().Changed("extend") || cmd.Flags().Changed("resume"):
		return nil, nil // The stored run has its plan.
	}
	say := func(format string, args ...any) {
		terminal.Fprintf(cmd.ErrOrStderr(), "plan: "+format+"\n", args...)
	}
	switch info, err := os.Stat(plan.FoundName); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err == nil && info.IsDir():
		say("%s here is a folder, and not used", plan.FoundName)
		return nil, nil
	}
	file, err := plan.ReadFile(plan.FoundName)
	if err != nil {
		return nil, fmt.Errorf("%w (found here; --plan %s does without)", err, noPlan)
	}
	tried := plan.Default(command)
	if other, is := errors.AsType[*plan.OtherCommandError](tried.Apply(command, file)); is {
		say("not used, for %v (--plan %s says no more of it)", other, noPlan)
		return nil, nil
	}
	say("%s, found here (--plan %s does without)", plan.FoundName, noPlan)
	return file, nil
}

// DefaultOut is where a run lies that was given no place.
func DefaultOut(command string) string {
	return "oauthbench-results/" + time.Now().UTC().Format("20060102-150405") + "-" + command
}
