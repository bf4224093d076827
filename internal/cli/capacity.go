package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/oauthbench/oauthbench/internal/capacityrun"
	"github.com/oauthbench/oauthbench/internal/measure"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/planflags"
	"github.com/oauthbench/oauthbench/internal/session"
	"github.com/oauthbench/oauthbench/internal/varied"
)

func capacityCommand() *cobra.Command {
	var resume capacityrun.Resumed
	cmd := &cobra.Command{
		Use: "capacity", Short: "Find the highest rate that a server carries under limits",
		Long: capacityrun.Help + "\n\n" + varied.Help, Example: capacityrun.Examples + "\n" + varied.Examples,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var p plan.Plan
			var err error
			if resume.Dir != "" {
				p, err = varied.StoredPlan(&resume, cmd.Flags(), planflags.SecretsAllowed(cmd))
			} else if p, err = planflags.Read(cmd, plan.Capacity); err == nil {
				err = capacityrun.CheckFlags(cmd.Flags(), p)
			}
			if err != nil {
				return err
			}
			if len(p.Vary) > 0 {
				return measure.Grid(cmd.Context(), p, resume, showOf(cmd), printerOf(cmd))
			}
			search := func(r session.Request) (*session.Result, error) {
				return capacityrun.Search(cmd.Context(), r, resume)
			}
			result, err := measure.With(p, showOf(cmd), search)
			if result == nil {
				return err
			}
			return errors.Join(printerOf(cmd).Run(result.Run, result.Dir), err)
		},
	}
	planflags.Add(cmd, plan.Capacity)
	addFailOn(cmd)
	addResult(cmd)
	addLive(cmd)
	cmd.Flags().StringVar(&resume.Dir, "resume", "",
		"go on with the interrupted search or grid in `FOLDER`, as it was planned")
	return cmd
}
