package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"oauthbench/internal/authserver/settings"
	"oauthbench/internal/plaintext"
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
			if o.From, err = embeddedSettings("--from", from); err != nil {
				return err
			}
			if o.To, err = embeddedSettings("--to", to); err != nil {
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

// embeddedSettings reads a target that must be the embedded server.
func embeddedSettings(flag, text string) (settings.Settings, error) {
	name, rest, _ := strings.Cut(text, ":")
	version, query, _ := strings.Cut(rest, "?")
	if name != "embedded" {
		return settings.Settings{}, fmt.Errorf("%s %q: so far only embedded:v1 and embedded:v2 can be rehearsed", flag, text)
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return settings.Settings{}, fmt.Errorf("%s %q: %w", flag, text, err)
	}
	s, err := settings.Parse(version, values)
	if err == nil && (s.Database != settings.SQLite || s.Tokens != settings.TokensOpaque) {
		err = errors.New("a rehearsal needs db=sqlite and tokens=opaque")
	}
	if err != nil {
		return s, fmt.Errorf("%s %q: %w", flag, text, err)
	}
	return s, nil
}

// tell writes the result and gives the exit code.
func tell(w io.Writer, format string, result upgrade.Result) error {
	code := exitPass
	for _, f := range result.Findings {
		if f.Fault() {
			code = exitRegression
		}
	}
	if format == "json" {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(result); err != nil {
			return err
		}
		return exitWith(code)
	}
	verdict := "PASS  every session and every revocation of before the copy is at green"
	if code != exitPass {
		verdict = "FAIL  do not upgrade like this"
	}
	fmt.Fprintf(w, "%s\n\n", verdict)
	for _, f := range result.Findings {
		fmt.Fprintf(w, "%s: %s\n", plaintext.Line(f.Name), plaintext.Line(f.Text))
	}
	fmt.Fprintf(w, "\n%d acts were journalled, %d replayed\n\n", result.Captured, result.Replayed)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "asked\twhat\tmade\tended\tmust be\tasked\twrong")
	for _, l := range result.Lines {
		ended := l.Why
		if l.Ended != "" {
			ended += " " + string(l.Ended)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%d\t%d\n", l.Asked, l.Kind, l.Made, ended, l.Expect, l.Of, l.Wrong)
	}
	fmt.Fprintln(t, "\nstep\ttook")
	for _, s := range result.Steps {
		fmt.Fprintf(t, "%s\t%s\n", s.Name, s.Took.Round(time.Millisecond))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	return exitWith(code)
}
