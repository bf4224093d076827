package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"oauthbench/bench"
	"oauthbench/internal/github"
	"oauthbench/internal/judged"
	"oauthbench/internal/session"
	"oauthbench/internal/terminal"
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
				return reportReleases(args, allow, out, fail, resultOf(cmd))
			}
			if out != "" || len(allow) > 0 {
				return errors.New("--out and --allow are for several directories: a single one's report is " +
					"written into it")
			}
			i := slices.IndexFunc(reports.Formats, func(f reports.Format) bool { return f.Name == format })
			if i < 0 || !reports.Formats[i].Single() {
				return fmt.Errorf("--format %q: there are %s", format, strings.Join(reports.SingleFormats(), ", "))
			}
			run, err := session.Read(args[0])
			if err != nil {
				return err
			}
			if format == "text" {
				return writeReport(run, args[0], fail, resultOf(cmd))
			}
			d, err := judged.Document(run)
			if err != nil {
				return err
			}
			if err := reports.Formats[i].Write(cmd.OutOrStdout(), d); err != nil {
				return &unfinished{err}
			}
			return exitWith(fail.code(d.Decision))
		},
	}
	addFailOn(cmd)
	addDetails(cmd)
	addAllow(cmd, &allow)
	cmd.Flags().StringVar(&format, "format", "text",
		"print this format; with any but text no files are written: "+strings.Join(reports.SingleFormats(), ", "))
	complete(cmd, "format", cobra.FixedCompletions(reports.SingleFormats(), cobra.ShellCompDirectiveNoFileComp))
	cmd.Flags().StringVar(&out, "out", "", "directory for the report on several runs (default none)")
	return cmd
}

// writeReport prints the table on stdout and writes the files into dir.
func writeReport(run *bench.Run, dir string, fail failOn, stdout io.Writer) error {
	d, err := judged.Document(run)
	if err != nil {
		return err
	}
	written := d.WriteAll(dir)
	err = printDocument(stdout, d)
	if written == nil {
		fmt.Fprintf(stdout, "\nreport: %s/report.html\n", dir)
		written = github.Tell(stdout, dir, d.Decision, d.Reasons)
	}
	if err = errors.Join(err, firstLine(written)); err != nil {
		return &unfinished{err}
	}
	return exitWith(fail.code(d.Decision))
}

// firstLine is the first of joined errors, with the number of the others: when a disk
// is full every file has the same news.
func firstLine(err error) error {
	if err == nil {
		return nil
	}
	first, rest, more := strings.Cut(err.Error(), "\n")
	if !more {
		return err
	}
	return fmt.Errorf("%s (and %d more like it)", first, 1+strings.Count(rest, "\n"))
}

// coloured tells whether w is a terminal whose user has not asked for no colour
// (no-color.org).
func coloured(w io.Writer) bool {
	f, ok := unwrapped(w).(*os.File)
	return ok && os.Getenv("NO_COLOR") == "" && terminal.TakesEscapes(f)
}
