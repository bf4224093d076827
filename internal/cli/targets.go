package cli

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"oauthbench/internal/targets"
)

func targetsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "targets",
		Short: "List the servers that can be measured",
		Example: `  oauthbench targets
  oauthbench run --target 'embedded:v2?tokens=jwt'`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, k := range targets.Kinds() {
				fmt.Fprintf(w, "%s:<version>\t%s\n\tversions\t%s\n\tsettings\t%s\n\texamples\t%s\n",
					k.Name, k.Summary, k.Versions, k.Settings, strings.Join(k.Examples, "  "))
			}
			return w.Flush()
		},
	}
}
