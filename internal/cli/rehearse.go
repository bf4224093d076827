package cli

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"oauthbench/internal/rehearse"
	"oauthbench/internal/targets"
	"oauthbench/scenarios/upgrade"
)

// rehearseCommand upgrades a server in a rehearsal and says what would have been lost.
func rehearseCommand() *cobra.Command {
	var from, to, format string
	var planOnly bool
	var twins int
	cmd := &cobra.Command{
		Use:   "rehearse --from TARGET --to TARGET",
		Short: "Rehearse an upgrade: is a session lost, a revocation undone?",
		Long: `Rehearse starts the old server, makes sessions, copies its database while it
serves, migrates the copy, starts the new server on it, replays what was revoked
meanwhile and sends everything there. Then every token ever made is asked about.

So far it knows the embedded server on SQLite. Exit codes: 0 nothing was lost but
what was issued between the copy and the switch; 1 something was; 4 a step failed.`,
		Example: `  oauthbench rehearse --from embedded:v1 --to embedded:v2
  oauthbench rehearse --to 'embedded:v2?fault.migration=subject'`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if format != "text" && format != "json" {
				return fmt.Errorf("--format %q: use text or json", format)
			}
			if twins < 1 || twins > 1000 {
				return fmt.Errorf("--twins %d: use 1 to 1000", twins)
			}
			o := rehearse.Options{Twins: twins}
			var err error
			if o.From, err = rehearse.ParseEmbedded("--from", from); err != nil {
				return err
			}
			if o.To, err = rehearse.ParseEmbedded("--to", to); err != nil {
				return err
			}
			if planOnly {
				for i, step := range upgrade.Plan() {
					fmt.Fprintf(cmd.OutOrStdout(), "%2d  %s\n", i+1, step)
				}
				return nil
			}
			self, err := os.Executable()
			if err != nil {
				return err
			}
			o.Command = []string{self, "serve"}
			o.Say = func(step string) { fmt.Fprintln(cmd.ErrOrStderr(), step) }
			result, err := rehearse.Embedded(cmd.Context(), o)
			if err != nil {
				return &targets.StartError{Err: fmt.Errorf("rehearse: %w", err)}
			}
			return tell(cmd.OutOrStdout(), format, result)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&from, "from", "embedded:v1", "the server that is replaced")
	flags.StringVar(&to, "to", "embedded:v2", "its successor")
	flags.IntVar(&twins, "twins", 10, "equal sessions of each sort, 1 to 1000")
	flags.StringVar(&format, "format", "text", "text or json")
	flags.BoolVar(&planOnly, "plan-only", false, "print the steps and do none")
	return cmd
}

// tell writes the result and gives the exit code.
func tell(w io.Writer, format string, result upgrade.Result) error {
	write := rehearse.WriteText
	if format == "json" {
		write = rehearse.WriteJSON
	}
	if err := write(w, result); err != nil {
		return err
	}
	if rehearse.Failed(result) {
		return exitWith(exitRegression)
	}
	return nil
}
