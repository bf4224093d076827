package cli

import (
	"github.com/spf13/cobra"

	"oauthbench/internal/baselines"
	"oauthbench/reports"
)

func historyCommand() *cobra.Command {
	var allow []string
	cmd := &cobra.Command{
		Use:   "history DIR",
		Short: "Show the trend over stored baselines, and where it changed",
		Long: `History shows P50, P95 and P99 of each operation over the baselines in DIR, oldest
first, and names the releases at which they changed for good, fast or by slow creep
(E-divisive). Baselines that were not measured like the newest are left out.`,
		Example: `  oauthbench history baselines
  oauthbench history ci/baselines --allow hasher --allow machine`,
		Args: arguments(1, "history DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			h, err := baselines.LikeNewest(args[0], allow)
			if err != nil {
				return err
			}
			leftOut(cmd.ErrOrStderr(), h.Damaged)
			d := reports.History{Releases: h.Baselines, LeftOut: h.LeftOut}.Document()
			return d.WriteText(cmd.OutOrStdout(), false)
		},
	}
	addAllow(cmd, &allow)
	return cmd
}
