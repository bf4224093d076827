package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"oauthbench/internal/help"
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
			for _, k := range targets.Kinds() {
				help.Entry(cmd.OutOrStdout(), k.Name+":<version>", [2]string{"", k.Summary},
					[2]string{"versions", k.Versions}, [2]string{"settings", k.Settings},
					[2]string{"examples", strings.Join(k.Examples, ", ")})
			}
			return nil
		},
	}
}
