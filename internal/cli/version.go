package cli

import (
	"github.com/spf13/cobra"

	"github.com/oauthbench/oauthbench/internal/answer"
	"github.com/oauthbench/oauthbench/internal/version"
)

func versionCommand() *cobra.Command {
	var asJSON bool
	var format *string
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Say which oauthbench this is",
		Long: `Version prints the version, with the commit when it is known. With --json it prints an
object of version, commit, date, modified, go and platform.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON {
				*format = "json"
			}
			return answer.PrintList(cmd.OutOrStdout(), version.Read(), *format)
		},
	}
	format = addFormat(cmd, answer.ListFormats)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object, as --format json")
	return cmd
}
