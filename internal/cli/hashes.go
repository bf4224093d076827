package cli

import (
	"github.com/spf13/cobra"

	"github.com/oauthbench/oauthbench/internal/answer"
	"github.com/oauthbench/oauthbench/internal/hashing"
)

func hashesCommand() *cobra.Command {
	var format *string
	cmd := &cobra.Command{
		Use: "hashes", Short: "Measure how fast one core of this machine checks client secrets",
		Long: `Hashes measures BCrypt and PBKDF2 (SHA-256) on one core, in about three seconds. With the
figures of two machines size --machine moves the share of hashing in what requests cost from
one to the other: keep them with --format json.`,
		Example: `  oauthbench hashes
  oauthbench hashes --format json > there.json`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, err := hashing.Measure(cmd.Context())
			if err != nil {
				return err
			}
			return answer.PrintList(cmd.OutOrStdout(), m, *format)
		},
	}
	format = addFormat(cmd, answer.ListFormats)
	return cmd
}
