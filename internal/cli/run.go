package cli

import (
	"github.com/spf13/cobra"

	"oauthbench/internal/plan"
)

func runCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Measure one version, without comparing",
		Long: `Run starts one target, sends it traffic for a while and reports what it saw. It exits
with 0 only if no answer was wrong and every SLO held.`,
		Example: `  oauthbench run --rate 50/s --duration 30s
  oauthbench run --target embedded:v1 --rate 10/s --slo 'token p99 < 300ms'`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := readPlan(cmd, plan.Run)
			if err != nil {
				return err
			}
			return compare(cmd.Context(), p, failInconclusive, liveAddress(cmd), resultOf(cmd), cmd.ErrOrStderr())
		},
	}
	addDetails(cmd)
	addPlanFlags(cmd, plan.Run)
	addLive(cmd)
	return cmd
}
