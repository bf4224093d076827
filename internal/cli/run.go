package cli

import (
	"github.com/spf13/cobra"

	"github.com/oauthbench/oauthbench/internal/measure"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/planflags"
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
			p, err := planflags.Read(cmd, plan.Run)
			if err != nil {
				return err
			}
			return measure.One(cmd.Context(), p, showOf(cmd), printerOf(cmd))
		},
	}
	addResult(cmd)
	planflags.Add(cmd, plan.Run)
	addLive(cmd)
	return cmd
}
