package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"oauthbench/bench"
	"oauthbench/bench/verdict"
	"oauthbench/internal/plan"
	"oauthbench/reports"
)

func reportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "report DIR",
		Short: "Judge and draw a stored run again, without measuring",
		Long: `Report reads the trials stored in DIR, judges them again and writes the table, the
page and the plots anew. Its exit code is that of the verdict.`,
		Example: `  oauthbench report results/jwt
  oauthbench report oauthbench-results/20260301-120000-compare`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("report takes one directory: oauthbench report DIR")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			fail, err := readFailOn(cmd)
			if err != nil {
				return err
			}
			run, err := readRun(args[0])
			if err != nil {
				return err
			}
			return writeReport(run, args[0], fail, cmd.OutOrStdout())
		},
	}
	addFailOn(cmd)
	return cmd
}

// report judges the session's run and writes everything about it.
func (s *session) report(stdout io.Writer) error {
	return writeReport(&s.run, s.out.dir, s.fail, stdout)
}

// writeReport prints the table on stdout and writes the files into dir.
func writeReport(run *bench.Run, dir string, fail failOn, stdout io.Writer) error {
	var p plan.Plan
	if err := json.Unmarshal(run.Plan, &p); err != nil {
		return fmt.Errorf("the stored plan cannot be read: %w", err)
	}
	v, err := judge(run, p)
	if err != nil {
		return exit{exitInconclusive, fmt.Errorf("judge: %w", err)}
	}
	r := reports.Report{Run: run, Verdict: v}
	written := reports.WriteAll(dir, r)
	err = reports.WriteText(stdout, r, coloured(stdout))
	if written == nil {
		fmt.Fprintf(stdout, "\nreport: %s/report.html\n", dir)
		written = tellGitHub(stdout, dir, r.Decision(), v.Reasons)
	}
	if err = errors.Join(err, firstLine(written)); err != nil {
		return exit{exitInconclusive, err}
	}
	return decided(fail.code(r.Decision()))
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

func exitCode(d verdict.Decision) int {
	switch d {
	case verdict.Pass:
		return exitPass
	case verdict.Regression:
		return exitRegression
	default:
		return exitInconclusive
	}
}

// coloured tells whether w is a terminal whose user has not asked for no colour
// (no-color.org).
func coloured(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && os.Getenv("NO_COLOR") == "" && term.IsTerminal(int(f.Fd()))
}
