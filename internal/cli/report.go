package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"oauthbench/internal/answer"
	"oauthbench/internal/exitcode"
	"oauthbench/internal/judged"
	"oauthbench/internal/nearest"
	"oauthbench/internal/planflags"
	"oauthbench/reports"
)

func reportCommand() *cobra.Command {
	var format, out string
	var allow []string
	cmd := &cobra.Command{
		Use:   "report DIR...",
		Short: "Judge and draw stored runs again, without measuring",
		Long: `Report reads the trials stored in DIR, judges them again and writes the table, the
page, the plots and the other formats anew. Its exit code is that of the verdict.

Several directories are set beside each other: P95 and P99 per release. They must have been
measured alike, or what differs must be allowed; settings in which versions differ are named.
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
			fail, err := readFailOn(cmd)
			if err != nil {
				return err
			}
			if len(args) > 1 {
				if format != "text" {
					return errors.New("--format is of a single run: several are written as text, and as " +
						"files with --out")
				}
				return answer.Releases(args, allow, out, fail, resultOf(cmd))
			}
			if out != "" || len(allow) > 0 {
				return errors.New("--out and --allow are for several directories: a single one's report is " +
					"written into it")
			}
			i := slices.IndexFunc(reports.Formats, func(f reports.Format) bool { return f.Name == format })
			if i < 0 || !reports.Formats[i].Single() {
				return fmt.Errorf("--format %q: %s", format, nearest.Cure(format, reports.SingleFormats()))
			}
			d, err := judged.Stored(args[0])
			if err != nil {
				return err
			}
			if format == "text" {
				return answer.WriteDocument(d, args[0], fail, resultOf(cmd))
			}
			if err := reports.Formats[i].Write(cmd.OutOrStdout(), d); err != nil {
				return &exitcode.Unfinished{Err: err}
			}
			return exitcode.With(fail.Code(d.Decision))
		},
	}
	addFailOn(cmd)
	addDetails(cmd)
	addAllow(cmd, &allow)
	cmd.Flags().StringVar(&format, "format", "text",
		"print this format; with any but text no files are written: "+strings.Join(reports.SingleFormats(), ", "))
	planflags.Complete(cmd, "format",
		cobra.FixedCompletions(reports.SingleFormats(), cobra.ShellCompDirectiveNoFileComp))
	cmd.Flags().StringVar(&out, "out", "", "directory for the report on several runs (default none)")
	return cmd
}
