package cli

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/oauthbench/oauthbench/internal/exitcode"
	"github.com/oauthbench/oauthbench/internal/planflags"
	"github.com/oauthbench/oauthbench/internal/rehearse"
	"github.com/oauthbench/oauthbench/scenarios/upgrade"
)

// matrixCommand asks two versions about what the other has made.
func matrixCommand() *cobra.Command {
	o := rehearse.Options{Strategy: upgrade.BlueGreen, Twins: 1, Started: time.Now()}
	cmd := &cobra.Command{
		Use:   "matrix --from TARGET --to TARGET",
		Short: "Ask two versions what they do with each other's tokens",
		Long: `Matrix has two versions introspect, refresh, revoke and redeem what the other made.
Exit codes: 0 the new one takes all of the old one; 1 not; 2 usage;
3 it was interrupted; 4 a step failed.`,
		Example: `  oauthbench matrix --from embedded:v1 --to embedded:v2
  oauthbench matrix --from hydra:v1.11.10 --to hydra:v2.3.0`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			planflags.SayTargetsUnused(cmd, "--from and --to")
			if err := o.Check(); err != nil {
				return err
			}
			hearErrorsOnly(cmd)
			o.Say = rehearse.Progress(cmd.ErrOrStderr(), o.Started)
			m, err := rehearse.Matrix(cmd.Context(), o)
			if err != nil {
				return notDone(cmd, err)
			}
			if err := m.Write(cmd.OutOrStdout(), o.Format); err != nil {
				return err
			}
			if err := interrupted(cmd, nil); err != nil || !m.Wrong() {
				return err
			}
			return exitcode.With(exitcode.Regression)
		},
	}
	o.MatrixFlags(cmd.Flags())
	return cmd
}
