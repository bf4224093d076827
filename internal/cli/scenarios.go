package cli

import (
	"github.com/spf13/cobra"

	"github.com/oauthbench/oauthbench/internal/answer"
	"github.com/oauthbench/oauthbench/internal/catalogue"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/planflags"
	"github.com/oauthbench/oauthbench/internal/targets"
)

func scenariosCommand() *cobra.Command {
	text := ""
	var format *string
	cmd := &cobra.Command{
		Use:   "scenarios",
		Short: "List the workloads, and which of them a server can be asked for",
		Long: `Scenarios lists the workloads with the specification that their checks are from. With a
target it tells which of them fit its server, and what the server lacks for the others.`,
		Example: `  oauthbench scenarios
  oauthbench scenarios --target hydra:v1.11.10`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if text == "" {
				return answer.PrintList(cmd.OutOrStdout(), catalogue.AllScenarios(), *format)
			}
			p := plan.Default(plan.Run)
			p.SecretsAllowed = planflags.SecretsAllowed(cmd)
			t, err := targets.Parse(text, p)
			if err != nil {
				return err
			}
			can, err := t.Capabilities(cmd.Context())
			if err != nil {
				return err
			}
			return answer.PrintList(cmd.OutOrStdout(), catalogue.Fitting(can, p.Parameters), *format)
		},
	}
	cmd.Flags().StringVar(&text, "target", "", "server that the scenarios must fit")
	format = addFormat(cmd, answer.ListFormats)
	planflags.AddSecrets(cmd)
	planflags.Complete(cmd, "target", cobra.FixedCompletions(targets.Examples(),
		cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveNoSpace))
	return cmd
}
