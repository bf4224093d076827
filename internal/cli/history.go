package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/oauthbench/oauthbench/internal/baselines"
	"github.com/oauthbench/oauthbench/internal/chained"
	"github.com/oauthbench/oauthbench/reports"
)

func historyCommand() *cobra.Command {
	var allow []string
	cmd := &cobra.Command{
		Use:   "history DIR...",
		Short: "Show the trend over releases, and where it changed",
		Long: `History shows how releases changed, oldest first, and names those at which they did, at once
or by slow creep.

Where DIR holds runs of compare, or directories of them, those that share a version are chained:
each ratio was measured side by side, so that what differs between machines and days cancels, and a
creep is seen that is too slow for each comparison alone.

Where DIR holds stored baselines it shows P50, P95 and P99 of each operation over them
(E-divisive). Baselines that were not measured like the newest are left out.`,
		Example: `  oauthbench history results/releases
  oauthbench history baselines
  oauthbench history ci/baselines --allow hasher --allow machine`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("want oauthbench history DIR")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			p := printerOf(cmd)
			if runs := chained.Runs(args); len(runs) > 0 {
				chains, err := chained.Read(runs)
				if err != nil {
					return err
				}
				return p.Show(chains.Document())
			}
			if len(args) > 1 {
				return errors.New("several directories are for runs of compare, and these hold none")
			}
			h, err := baselines.LikeNewest(args[0], allow)
			if err != nil {
				return err
			}
			leftOut(cmd.ErrOrStderr(), h.Damaged)
			d := reports.History{Releases: h.Baselines, LeftOut: h.LeftOut}.Document()
			return p.Show(d)
		},
	}
	addAllow(cmd, &allow)
	addResult(cmd)
	return cmd
}
