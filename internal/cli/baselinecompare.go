package cli

import (
	"github.com/spf13/cobra"

	"github.com/oauthbench/oauthbench/internal/baselinecompare"
	"github.com/oauthbench/oauthbench/internal/planflags"
)

func compareBaselineCommand() *cobra.Command {
	var c baselinecompare.Comparison
	cmd := &cobra.Command{
		Use:   "compare NAME RUNDIR|TARGET",
		Short: "Compare a run or a target with a baseline",
		Long: `Compare starts the baseline's version again, when that can be done, and measures it
side by side with the target, or with the version that RUNDIR is a run of, at the rates
and with the seed of the baseline. Otherwise, or with --remeasure=false, the stored
figures are compared with those in RUNDIR: then nothing controls what the machine did
differently at the two times, a regression needs to lie beyond the margin beyond chance,
and the first lines of the report say so.

Exit codes are those of oauthbench compare.`,
		Example: `  oauthbench baseline compare v1.4 embedded:v2
  oauthbench baseline compare v1.4 results/today --remeasure=false`,
		Args: arguments(2, "baseline compare NAME RUNDIR|TARGET"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c.Dir, c.Name, c.Subject = directory(cmd), args[0], args[1]
			c.Secrets = planflags.SecretsAllowed(cmd)
			c.Show, c.Print = showOf(cmd), printerOf(cmd)
			return c.Run(cmd.Context())
		},
	}
	addRole(cmd, &c.Role)
	addAllow(cmd, &c.Allow)
	planflags.AddSecrets(cmd)
	addFailOn(cmd)
	addResult(cmd)
	cmd.Flags().BoolVar(&c.Remeasure, "remeasure", true,
		"measure the baseline again, side by side, when it can be started")
	cmd.Flags().StringVar(&c.Out, "out", "",
		"directory for the report (default oauthbench-results/<time> when measuring, else none)")
	return cmd
}
