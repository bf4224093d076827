package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/oauthbench/oauthbench/internal/variables"
	"github.com/oauthbench/oauthbench/reports"
)

func reportCommand() *cobra.Command {
	var out string
	var allow []string
	cmd := &cobra.Command{
		Use:   "report DIR...",
		Short: "Judge and draw stored runs again, without measuring",
		Long: `Report reads the trials stored in DIR, judges them again and writes the table, the
page, the plots and the other formats anew. Its exit code is that of the verdict.

Several directories are set beside each other: P95 and P99 per release. They must have been
measured alike, or what differs must be allowed; settings in which versions differ, and the seed, are named.
The exit code is the worst one, and decisions are corrected for the number of candidates.

Formats:
` + reports.FormatHelp(),
		Example: `  oauthbench report results/jwt
  oauthbench report results/jwt --format csv > trials.csv
  oauthbench report results/v1.4 results/v1.5 --out results/releases`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("report takes one directory or more: oauthbench report DIR")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			p := printerOf(cmd)
			if len(args) > 1 {
				return p.Releases(args, allow, out)
			}
			if cmd.Flags().Changed("out") && !variables.Given(cmd.Flags().Lookup("out")) || len(allow) > 0 {
				return errors.New("--out and --allow are for several directories: a single one's report is " +
					"written into it")
			}
			return p.Stored(args[0])
		},
	}
	addFailOn(cmd)
	addResult(cmd)
	addAllow(cmd, &allow)
	cmd.Flags().StringVar(&out, "out", "", "directory for the report on several runs (default none)")
	return cmd
}
