package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/oauthbench/oauthbench/internal/answer"
	"github.com/oauthbench/oauthbench/internal/exitcode"
	"github.com/oauthbench/oauthbench/internal/measure"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/planflags"
	selftests "github.com/oauthbench/oauthbench/internal/selftest"
	"github.com/oauthbench/oauthbench/internal/watch"
)

func selftestCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "selftest",
		Short: "Find out what this machine can tell apart",
		Long: `Selftest compares a version with itself. Whatever it finds is noise: it says how much
there is, which change each profile could notice here, and whether this machine should
gate at all. It should not when a quarter of the pairs was disturbed, when equal versions
were called different, or when no profile notices twice the margin.

Exit codes: 0 the machine can gate with one profile at least; 2 usage error; 3 it should
not gate; 4 the target could not start.`,
		Example: `  oauthbench selftest
  oauthbench selftest --budget 5m --out results/selftest`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := planflags.Read(cmd, plan.Selftest)
			if err != nil {
				return err
			}
			p.Baseline = p.Candidate
			return selftest(cmd.Context(), p, showOf(cmd), resultOf(cmd))
		},
	}
	planflags.Add(cmd, plan.Selftest)
	addDetails(cmd)
	return cmd
}

func selftest(ctx context.Context, p plan.Plan, show watch.Options, stdout io.Writer) error {
	measured, err := measure.Run(ctx, p, show)
	if measured == nil {
		return err
	}
	if err != nil {
		return &exitcode.Unfinished{Err: err}
	}
	if !measured.Run.Complete() {
		return &exitcode.Unfinished{Err: fmt.Errorf("%s: the run says nothing about the machine",
			measured.Run.Incomplete())}
	}
	result, err := selftests.Assess(measured.Run, measured.Overhead)
	if err != nil {
		return &exitcode.Unfinished{Err: err}
	}
	if err := answer.PrintDocument(stdout, result.Document()); err != nil {
		return &exitcode.Unfinished{Err: err}
	}
	fmt.Fprintf(stdout, "\nrun: %s (oauthbench report %s)\n", measured.Dir, plaintext.Shell([]string{measured.Dir}))
	if !result.Gates() {
		return exitcode.With(exitcode.Inconclusive)
	}
	return nil
}
