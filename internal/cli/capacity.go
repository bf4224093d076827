package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"oauthbench/internal/answer"
	"oauthbench/internal/capacityrun"
	"oauthbench/internal/measure"
	"oauthbench/internal/plan"
	"oauthbench/internal/planflags"
	"oauthbench/internal/session"
)

func capacityCommand() *cobra.Command {
	var resume capacityrun.Resumed
	cmd := &cobra.Command{
		Use: "capacity", Short: "Find the highest rate that a server carries under limits",
		Long: capacityrun.Help, Example: capacityrun.Examples, Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			fail, err := readFailOn(cmd)
			if err != nil {
				return err
			}
			var p plan.Plan
			if resume.Dir != "" {
				p, err = resume.StoredPlan(cmd.Flags(), planflags.SecretsAllowed(cmd))
			} else if p, err = planflags.Read(cmd, plan.Capacity); err == nil {
				err = capacityrun.CheckFlags(cmd.Flags(), p)
			}
			if err != nil {
				return err
			}
			search := func(r session.Request) (*session.Result, error) {
				return capacityrun.Search(cmd.Context(), r, resume)
			}
			result, err := measure.With(p, liveAddress(cmd), cmd.ErrOrStderr(), search)
			if result == nil {
				return err
			}
			return errors.Join(answer.WriteRun(result.Run, result.Dir, fail, resultOf(cmd)), err)
		},
	}
	planflags.Add(cmd, plan.Capacity)
	addFailOn(cmd)
	addDetails(cmd)
	addLive(cmd)
	cmd.Flags().StringVar(&resume.Dir, "resume", "", "go on with the interrupted search in `FOLDER`, as it was planned")
	return cmd
}
