package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"oauthbench/internal/rehearse"
	"oauthbench/internal/targets"
	"oauthbench/internal/terminal"
	"oauthbench/scenarios/upgrade"
)

// rehearseCommand upgrades a server in a rehearsal and says what would have been lost.
func rehearseCommand() *cobra.Command {
	o := rehearse.Options{Started: time.Now(), Strategy: upgrade.BlueGreen}
	var planOnly bool
	format := rehearse.Text
	cmd := &cobra.Command{
		Use:   "rehearse --from TARGET --to TARGET",
		Short: "Rehearse an upgrade: is a session lost, a revocation undone?",
		Long: `Rehearse starts the old server, blue, makes logins, tokens, consents and clients
of every kind, copies its database while it serves, migrates the copy, starts the
new server, green, on it, replays what was revoked meanwhile and sends everything
there, with a load beside it. Then everything ever made is asked about, revoked
through every door, cleaned up after, and asked about again. With --from and --to
as embedded:v1 and embedded:v2 it needs nothing else; others run in containers.

Exit codes: 0 nothing was lost but what was issued between the copy and the switch;
1 something was, or the migration fails; 2 usage; 4 a step could not be done.`,
		Example: `  oauthbench rehearse --from embedded:v1 --to embedded:v2
  oauthbench rehearse --from hydra:v1.11.10 --to hydra:v2.3.0 \
    --after-migrate repair.sql
  oauthbench rehearse --from hydra:v2.3.0 --to hydra:v26.2.0 --strategy in-place`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.Check(); err != nil {
				return err
			}
			if planOnly {
				return rehearse.WritePlan(cmd.OutOrStdout(), o)
			}
			o.Say = func(step string) {
				begun := time.Since(o.Started).Round(100 * time.Millisecond)
				terminal.Fprintf(cmd.ErrOrStderr(), "%8s  %s\n", begun, step)
			}
			report, err := rehearse.Run(cmd.Context(), o)
			if err != nil {
				return &targets.StartError{Err: fmt.Errorf("rehearse: %w", err)}
			}
			if err := report.Write(cmd.OutOrStdout(), format); err != nil {
				return err
			}
			if rehearse.Failed(report) {
				return exitWith(exitRegression)
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.From, "from", "embedded:v1", "`target` that is replaced")
	flags.StringVar(&o.To, "to", "embedded:v2", "`target` that replaces it")
	flags.Var(&o.Strategy, "strategy", upgrade.StrategyNames())
	flags.IntVar(&o.Twins, "twins", 10, "equal things of each kind for each question, 1 to 1000")
	flags.BoolVar(&o.Control, "control", true,
		"restart the old version first, and blame the upgrade for the difference only")
	flags.Float64Var(&o.Rate, "rate", 5, "requests a second beside the steps, 0 for none")
	flags.DurationVar(&o.Window, "window", 10*time.Second,
		"how long the load runs before the copy, between copy and switch at least, and after it")
	flags.StringVar(&o.Dataset, "dataset", "", "rows to multiply what is made to, as in grants=20000,tokens=20000")
	flags.StringVar(&o.Files.BeforeCopy, "before-copy", "", "`file` of SQL to run on blue before anything is copied")
	flags.StringVar(&o.Files.BeforeMigrate, "before-migrate", "",
		"`file` of SQL to run on the copy before it is migrated")
	flags.StringVar(&o.Files.AfterMigrate, "after-migrate", "",
		"`file` of SQL to run on the migrated copy before green starts")
	flags.StringVar(&o.Out, "out", "", "`directory` of the report (default: oauthbench-results/rehearsal-TIME)")
	flags.StringVar(&o.Resume, "resume", "", "go on with the rehearsal in this `directory` that was killed")
	flags.Var(&format, "format", "text, details (with ledger, account and steps) or json")
	flags.BoolVar(&planOnly, "plan-only", false, "print the steps with their commands and do none")
	flags.BoolVar(&o.Offline, "offline", false, "ask no registry for images")
	return cmd
}
