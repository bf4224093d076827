package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/answer"
	"github.com/oauthbench/oauthbench/internal/baselines"
	"github.com/oauthbench/oauthbench/internal/catalogue"
	"github.com/oauthbench/oauthbench/internal/flagvalue"
	"github.com/oauthbench/oauthbench/internal/session"
	"github.com/oauthbench/oauthbench/internal/terminal"
	"github.com/oauthbench/oauthbench/reports"
)

func baselineCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "baseline",
		Short: "Keep runs, and compare with what was kept",
		Long: `Baseline keeps one version's side of a run in a small file that can be committed or
cached, and compares later runs with it. A comparison side by side is better: only
there does the same machine measure both versions at the same time.`,
		Example: `  oauthbench baseline save results/upgrade --name v1.4
  oauthbench baseline compare v1.4 embedded:v2`,
		Args: subcommands,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.PersistentFlags().String("dir", "baselines", "directory of the baselines")
	cmd.AddCommand(saveCommand(), listCommand(), showCommand(), compareBaselineCommand())
	return cmd
}

// arguments wants n of them and names them in its error.
func arguments(n int, usage string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != n {
			return fmt.Errorf("want oauthbench %s", usage)
		}
		return nil
	}
}

func saveCommand() *cobra.Command {
	var name, role string
	cmd := &cobra.Command{
		Use:   "save RUNDIR",
		Short: "Keep one version's side of a run",
		Example: `  oauthbench baseline save results/upgrade --name v1.4
  oauthbench baseline save results/upgrade --name v1.3 --role baseline`,
		Args: arguments(1, "baseline save RUNDIR --name NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if name == "" {
				return errors.New("--name is missing: name the release, such as --name v1.4")
			}
			run, err := session.Read(args[0])
			if err != nil {
				return err
			}
			b, err := bench.StoreBaseline(run, bench.Role(role), name, time.Now().UTC())
			if err != nil {
				return fmt.Errorf("save %s: %w", args[0], err)
			}
			path, err := baselines.Save(directory(cmd), b)
			if err != nil {
				return err
			}
			info, err := os.Stat(path)
			if err != nil {
				return err
			}
			trials := "1 trial"
			if n := len(b.Trials); n != 1 {
				trials = fmt.Sprintf("%d trials", n)
			}
			terminal.Fprintf(cmd.OutOrStdout(), "%s: %s, %s, %d kB\n", path, b.Deployment().Name, trials,
				(info.Size()+999)/1000)
			return nil
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "of the baseline: a release")
	addRole(cmd, &role)
	return cmd
}

func addRole(cmd *cobra.Command, role *string) {
	flagvalue.OneOf(cmd.Flags(), role, "role", "which `SIDE` of the run", string(bench.Candidate),
		string(bench.Baseline))
}

func directory(cmd *cobra.Command) string {
	dir, _ := cmd.Flags().GetString("dir") // it has the flag
	return dir
}

// leftOut says which baselines could not be read; the others are shown.
func leftOut(w io.Writer, damaged []error) {
	for _, err := range damaged {
		terminal.Fprintf(w, "left out: %s\n", err)
	}
}

func listCommand() *cobra.Command {
	var format *string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the baselines, oldest first",
		Example: `  oauthbench baseline list
  oauthbench baseline list --dir ci/baselines --format json`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, damaged, err := baselines.All(directory(cmd))
			if err != nil {
				return errors.Join(append(damaged, err)...)
			}
			leftOut(cmd.ErrOrStderr(), damaged)
			return answer.PrintList(cmd.OutOrStdout(), catalogue.AllBaselines(all), *format)
		},
	}
	format = addFormat(cmd, answer.ListFormats)
	return cmd
}

func showCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show NAME",
		Short: "Show what a baseline holds",
		Example: `  oauthbench baseline show v1.4
  oauthbench baseline show v1.4 --dir ci/baselines`,
		Args: arguments(1, "baseline show NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			b, err := baselines.Read(directory(cmd), args[0])
			if err != nil {
				return err
			}
			return reports.OfBaseline(b).WriteText(cmd.OutOrStdout(), false)
		},
	}
}
