package cli

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"oauthbench/internal/version"
)

func versionCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Say which oauthbench this is",
		Long: `Version prints the version, with the commit when it is known. With --json it prints an
object of version, commit, date, modified, go and platform.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON {
				encoder := json.NewEncoder(cmd.OutOrStdout())
				encoder.SetIndent("", "  ")
				return encoder.Encode(version.Read())
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "oauthbench", version.Read())
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object")
	return cmd
}
