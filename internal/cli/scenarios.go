package cli

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"oauthbench/scenarios"
)

func scenariosCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "scenarios",
		Short: "List the workloads",
		Example: `  oauthbench scenarios
  oauthbench run --scenario introspect --rate 200/s`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, s := range scenarios.All {
				fmt.Fprintf(w, "%s\t%s\t%s\n", s.Name, s.Source, s.Summary)
			}
			return w.Flush()
		},
	}
}
