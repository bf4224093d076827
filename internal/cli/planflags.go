package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"oauthbench/internal/plan"
)

// addPlanFlags gives a command a flag for each of its plan keys, and --plan.
func addPlanFlags(cmd *cobra.Command, command string) {
	for _, k := range plan.For(command) {
		switch {
		case k.Switch:
			cmd.Flags().Bool(k.Name, false, k.Usage)
		case k.Repeat:
			cmd.Flags().StringArray(k.Name, nil, k.Usage)
		default:
			cmd.Flags().String(k.Name, "", k.Usage)
		}
		if k.Choices != nil {
			complete(cmd, k.Name, cobra.FixedCompletions(k.Choices, cobra.ShellCompDirectiveNoFileComp))
		}
	}
	for _, name := range []string{"baseline", "candidate", "target"} {
		if cmd.Flags().Lookup(name) != nil {
			complete(cmd, name, cobra.FixedCompletions(targetExamples(), cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveNoSpace))
		}
	}
	cmd.Flags().String("plan", "", "YAML file with the same keys; flags win over it")
}

func complete(cmd *cobra.Command, flag string, values cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, values); err != nil {
		panic(err) // only for a flag that does not exist, or twice
	}
}

// readPlan is the plan of a command line: defaults, then the plan file, then flags.
func readPlan(cmd *cobra.Command, command string) (plan.Plan, error) {
	p := plan.Default(command)
	if path, _ := cmd.Flags().GetString("plan"); path != "" {
		if err := p.Read(command, path); err != nil {
			return p, err
		}
	}
	for _, k := range plan.For(command) {
		flag := cmd.Flags().Lookup(k.Name)
		if !flag.Changed {
			continue
		}
		values := []string{flag.Value.String()}
		if k.Repeat {
			values, _ = cmd.Flags().GetStringArray(k.Name)
		}
		if err := p.Set(k, values); err != nil {
			return p, fmt.Errorf("--%s: %w", k.Name, err)
		}
	}
	if p.Out == "" {
		p.Out = defaultOut(command)
	}
	return p, p.Check()
}

// defaultOut is where a run lies that was given no place.
func defaultOut(command string) string {
	return "oauthbench-results/" + time.Now().UTC().Format("20060102-150405") + "-" + command
}
