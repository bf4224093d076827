// Package planflags gives commands the flags of a plan, and reads the plan that a command
// line asks for.
package planflags

import (
	"github.com/spf13/cobra"

	"github.com/oauthbench/oauthbench/internal/help"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/targets"
)

// targetKeys name targets.
var targetKeys = []string{"baseline", "candidate", "target"}

// Add gives a command a flag for each of its plan keys, and --plan.
func Add(cmd *cobra.Command, command string) { add(cmd, plan.For(command)) }

// AddAll gives a command a flag for every plan key of any command, and --plan.
func AddAll(cmd *cobra.Command) { add(cmd, plan.Keys) }

func add(cmd *cobra.Command, keys []plan.Key) {
	for _, k := range keys {
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
	for _, name := range targetKeys {
		if cmd.Flags().Lookup(name) != nil {
			Complete(cmd, name, cobra.FixedCompletions(targets.Examples(),
				cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveNoSpace))
		}
	}
	cmd.Flags().String("plan", "", "YAML `FILE` with the same keys; flags win over it "+
		"(default "+plan.FoundName+", if it is here; none does without)")
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
