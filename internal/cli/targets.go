package cli

import (
	"github.com/spf13/cobra"

	"github.com/oauthbench/oauthbench/internal/answer"
	"github.com/oauthbench/oauthbench/internal/catalogue"
)

func targetsCommand() *cobra.Command {
	var format *string
	cmd := &cobra.Command{
		Use:   "targets",
		Short: "List the servers that can be measured, and their settings",
		Example: `  oauthbench targets
  oauthbench run --target 'embedded:v2?tokens=jwt'`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return answer.PrintList(cmd.OutOrStdout(), catalogue.AllTargets(), *format)
		},
	}
	format = addFormat(cmd, answer.ListFormats)
	return cmd
}
