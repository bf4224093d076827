package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/oauthbench/oauthbench/internal/measure"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/planflags"
)

func compareCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "compare",
		Short: "Measure two versions side by side and decide",
		Long: `Compare starts two targets, sends both the same traffic in coin-flipped blocks of
trials, and decides for each operation whether the candidate's P50, P95 and P99
response times are within the margin of the baseline's. Several candidates are compared
one after another, each beside the baseline; the exit code is the worst.

Profiles:
` + profileHelp() + `
Exit codes: 0 pass; 1 regression, wrong answer or missed SLO; 2 usage or plan error;
3 inconclusive, invalid environment or interrupted; 4 a target could not start.`,
		Example: `  oauthbench compare
  oauthbench compare --candidate 'embedded:v2?tokens=jwt' --rate token=20/s`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := planflags.Read(cmd, plan.Compare)
			if err != nil {
				return err
			}
			if len(p.More) > 0 {
				return measure.All(cmd.Context(), p, showOf(cmd), printerOf(cmd))
			}
			return measure.One(cmd.Context(), p, showOf(cmd), printerOf(cmd))
		},
	}
	planflags.Add(cmd, plan.Compare)
	addFailOn(cmd)
	addResult(cmd)
	addLive(cmd)
	return cmd
}

func profileHelp() string {
	var b strings.Builder
	for _, p := range plan.Profiles {
		fmt.Fprintf(&b, "  %-9s %s\n", p.Name, p.Summary)
	}
	return b.String()
}
