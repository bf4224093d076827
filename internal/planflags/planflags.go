// Package planflags gives commands the flags of a plan, and reads the plan that a command
// line asks for.
package planflags

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"oauthbench/internal/help"
	"oauthbench/internal/plan"
	"oauthbench/internal/targets"
)

// Add gives a command a flag for each of its plan keys, and --plan.
func Add(cmd *cobra.Command, command string) {
	for _, k := range plan.For(command) {
		usage := k.Usage
		if k.Default != "" {
			usage += " (default " + k.Default + ")"
		}
		flag := cmd.Flags().VarPF(&plan.Flag{Key: k}, k.Name, "", usage)
		if k.Switch() {
			flag.NoOptDefVal = "true"
		}
		help.InGroup(cmd, k.Name, string(k.Group))
		if k.Choices != nil {
			Complete(cmd, k.Name, cobra.FixedCompletions(k.Choices, cobra.ShellCompDirectiveNoFileComp))
		}
	}
	for _, name := range []string{"baseline", "candidate", "target"} {
		if cmd.Flags().Lookup(name) != nil {
			Complete(cmd, name, cobra.FixedCompletions(targets.Examples(),
				cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveNoSpace))
		}
	}
	cmd.Flags().String("plan", "", "YAML `FILE` with the same keys; flags win over the file")
	help.InGroup(cmd, "plan", string(plan.Running))
	AddSecrets(cmd)
	help.InGroup(cmd, secretsFlag, string(plan.Targets))
}

const secretsFlag = "allow-secret-env"

// AddSecrets gives a command --allow-secret-env. It is no key of a plan: a plan that could
// allow itself more could send any secret of a job anywhere.
func AddSecrets(cmd *cobra.Command) {
	cmd.Flags().StringSlice(secretsFlag, nil, "environment variable `NAME` beside OAUTHBENCH_* to send to a server")
}

// SecretsAllowed are the variables that --allow-secret-env names.
func SecretsAllowed(cmd *cobra.Command) []string {
	names, _ := cmd.Flags().GetStringSlice(secretsFlag) // AddSecrets has made it
	return names
}

// Complete gives a flag its completion.
func Complete(cmd *cobra.Command, flag string, values cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, values); err != nil {
		panic(err) // only for a flag that does not exist, or twice
	}
}

// Read is the plan of a command line: defaults, then the plan file, then flags.
func Read(cmd *cobra.Command, command string) (plan.Plan, error) {
	p := plan.Default(command)
	p.SecretsAllowed = SecretsAllowed(cmd)
	if path, _ := cmd.Flags().GetString("plan"); path != "" {
		if err := p.Read(command, path); err != nil {
			return p, err
		}
	}
	var given []string
	for _, k := range plan.For(command) {
		flag := cmd.Flags().Lookup(k.Name)
		if !flag.Changed {
			continue
		}
		given = append(given, k.Name)
		if err := p.Set(k, flag.Value.(*plan.Flag).Values); err != nil {
			return p, fmt.Errorf("--%s: %w", k.Name, err)
		}
	}
	if one, other := plan.Contradiction(given); one != "" {
		return p, fmt.Errorf("--%s and --%s cannot be given together", one, other)
	}
	if p.Out == "" {
		p.Out, p.OutByTime = DefaultOut(command), true
	}
	return p, p.Check()
}

// DefaultOut is where a run lies that was given no place.
func DefaultOut(command string) string {
	return "oauthbench-results/" + time.Now().UTC().Format("20060102-150405") + "-" + command
}
