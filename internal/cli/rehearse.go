package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/oauthbench/oauthbench/internal/exitcode"
	"github.com/oauthbench/oauthbench/internal/planflags"
	"github.com/oauthbench/oauthbench/internal/rehearse"
	"github.com/oauthbench/oauthbench/internal/targets"
)

// rehearseCommand upgrades a server in a rehearsal and says what would have been lost.
func rehearseCommand() *cobra.Command {
	o := rehearse.Options{Started: time.Now()}
	cmd := &cobra.Command{
		Use:   "rehearse --from TARGET --to TARGET",
		Short: "Rehearse an upgrade: is a session lost, a revocation undone?",
		Long: `Rehearse makes logins, tokens, consents and clients at the old server, copies its
database while it serves, migrates the copy, starts the new server on it, replays
what was revoked meanwhile and switches over, beside a load. Then everything ever
made is asked about, revoked through every door, cleaned up, and asked about again.
Exit codes: 0 nothing was lost but what was issued between the copy and the switch;
1 something was, or the migration fails, or the new version does not start; 2 usage,
or SQL of one's own that the database refuses; 3 it was interrupted, or its report
could not be written; 4 a step could not be done, for want of the engine, a database
or a disk.`,
		Example: `  oauthbench rehearse --from embedded:v1 --to embedded:v2
  oauthbench rehearse --from hydra:v1.11.10 --to hydra:v2.3.0
  oauthbench rehearse --from hydra:v2.3.0 --to hydra:v26.2.0 --format details`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			planflags.SayTargetsUnused(cmd, "--from and --to")
			if err := o.Check(); err != nil {
				return err
			}
			if o.PlanOnly {
				return rehearse.WritePlan(cmd.OutOrStdout(), o)
			}
			hearErrorsOnly(cmd)
			o.Say = rehearse.Progress(cmd.ErrOrStderr(), o.Started)
			if o.Every {
				return rehearseEvery(cmd, o)
			}
			report, err := rehearse.Run(cmd.Context(), o)
			lost := (*rehearse.NotStored)(nil)
			if err != nil && (report.Unfinished != "" || !errors.As(err, &lost)) {
				return notDone(cmd, err)
			}
			if err := report.Write(cmd.OutOrStdout(), o.Format); err != nil {
				return err
			}
			switch {
			case lost != nil:
				return &exitcode.Unfinished{Err: fmt.Errorf("%s: %w", cmd.Name(), lost)}
			case report.Unfinished != "": // of a directory whose removal alone was to be finished
				return exitcode.With(exitcode.Inconclusive)
			case rehearse.Failed(report):
				return exitcode.With(exitcode.Regression)
			}
			return nil
		},
	}
	o.Flags(cmd.Flags())
	return cmd
}

// rehearseEvery sets the strategies beside each other.
func rehearseEvery(cmd *cobra.Command, o rehearse.Options) error {
	all, err := rehearse.RunEvery(cmd.Context(), o)
	if err != nil {
		return notDone(cmd, err)
	}
	if err := all.Write(cmd.OutOrStdout(), o.Format); err != nil {
		return err
	}
	if err := interrupted(cmd, nil); err != nil || all.Good() {
		return err
	}
	return exitcode.With(exitcode.Regression)
}

// notDone tells a directory that cannot be used and SQL that was refused, which the user can mend, and a command
// that was interrupted from a step that could not be done.
func notDone(cmd *cobra.Command, err error) error {
	if bad := (*rehearse.BadDirectory)(nil); errors.As(err, &bad) {
		return bad
	}
	if refused := (*rehearse.HookError)(nil); errors.As(err, &refused) && cmd.Context().Err() == nil {
		return err
	}
	if ended := interrupted(cmd, err); ended != nil {
		return ended
	}
	return &targets.StartError{Err: fmt.Errorf("%s: %w", cmd.Name(), err)}
}

// interrupted is the end of a command whose context has ended, with what it ended with; nil otherwise.
// Whatever was found then may be of the interruption alone.
func interrupted(cmd *cobra.Command, err error) error {
	if cmd.Context().Err() == nil {
		return nil
	}
	cause := context.Cause(cmd.Context())
	switch {
	case err == nil:
		err = cause
	case !errors.Is(err, cause):
		err = fmt.Errorf("%w: %w", cause, err)
	}
	return &exitcode.Unfinished{Err: fmt.Errorf("%s: %w", cmd.Name(), err)}
}

// hearErrorsOnly keeps standard error to steps: a copy is migrated in this process, and what its server registers is
// none.
func hearErrorsOnly(cmd *cobra.Command) {
	slog.SetDefault(slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelError})))
}
