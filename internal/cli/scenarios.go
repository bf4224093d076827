package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"oauthbench/internal/help"
	"oauthbench/internal/oauth"
	"oauthbench/internal/plan"
	"oauthbench/internal/planflags"
	"oauthbench/internal/targets"
	"oauthbench/internal/terminal"
	"oauthbench/scenarios"
)

func scenariosCommand() *cobra.Command {
	text := ""
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
				return listScenarios(cmd.OutOrStdout())
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
			return listFitting(cmd.OutOrStdout(), can, p.Parameters)
		},
	}
	cmd.Flags().StringVar(&text, "target", "", "server that the scenarios must fit")
	planflags.AddSecrets(cmd)
	planflags.Complete(cmd, "target", cobra.FixedCompletions(targets.Examples(),
		cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveNoSpace))
	return cmd
}

func listScenarios(out io.Writer) error {
	for _, s := range scenarios.All {
		help.Entry(out, fmt.Sprintf("%-14s %s", s.Name, s.Source), [2]string{"", s.Summary})
	}
	for _, m := range scenarios.Mixes {
		help.Entry(out, fmt.Sprintf("--mix %s  %s", m.Name, scenarios.Weights(m.Weights)), [2]string{"", m.Summary})
	}
	return nil
}

func listFitting(out io.Writer, can oauth.Capabilities, p scenarios.Parameters) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, s := range scenarios.All {
		answer := "fits"
		if why := s.Unfit(can, p); why != "" {
			answer = "does not fit: " + why
		}
		terminal.Fprintf(w, "%s\t%s\n", s.Name, answer)
	}
	var methods []string
	for _, m := range scenarios.ClientAuthMethods {
		if name, _, _ := strings.Cut(m, ":"); can.Has(oauth.Capability(name)) {
			methods = append(methods, m)
		}
	}
	fmt.Fprintf(w, "--client-auth\t%s\n", strings.Join(methods, ", "))
	return w.Flush()
}
