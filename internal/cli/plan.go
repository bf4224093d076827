package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/oauthbench/oauthbench/internal/answer"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/plan/schema"
	"github.com/oauthbench/oauthbench/internal/plancheck"
	"github.com/oauthbench/oauthbench/internal/plandraft"
	"github.com/oauthbench/oauthbench/internal/planflags"
	"github.com/oauthbench/oauthbench/internal/targets"
)

func planCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Write, check and describe plan files",
		Long: `Plan files hold what is measured and how it is decided, with the keys that are also
flags. Nothing is measured by these commands.`,
		Example: `  oauthbench plan init --candidate hydra:v2.3.0 > oauthbench.yaml
  oauthbench plan check oauthbench.yaml`,
		Args: subcommands,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(planCheckCommand(), planInitCommand(), planSchemaCommand())
	return cmd
}

func planCheckCommand() *cobra.Command {
	var as string
	var format *string
	cmd := &cobra.Command{
		Use:   "check [FILE]",
		Short: "Say what a plan would do and cost, and start nothing",
		Long: `Check reads a plan as the command that it is for would, with variables and flags, says
what would be done, at what cost, and which value counts for each key and where it is from.
Nothing is started and no server is asked. Exit codes: 0 it is fine; 2 it is not.`,
		Example: `  oauthbench plan check examples/ci.yaml
  oauthbench plan check examples/ci.yaml --profile quick --format json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("plan check takes one file, not %q as well", args[1])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				if err := cmd.Flags().Set("plan", args[0]); err != nil {
					return err
				}
			}
			command, asked, err := planflags.AskFor(cmd, as)
			if err != nil {
				return err
			}
			check, err := plancheck.Of(command, asked.File, asked.Plan, asked.From)
			if err != nil {
				return err
			}
			return answer.PrintList(cmd.OutOrStdout(), check, *format)
		},
	}
	planflags.AddAll(cmd)
	addFor(cmd, &as)
	format = addFormat(cmd, answer.ListFormats)
	return cmd
}

func planInitCommand() *cobra.Command {
	var as, out string
	var probe bool
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write a plan from flags, or from what a server can do",
		Long: `Init prints a plan with the keys that are given as flags, and all others with their
defaults as comments. With --probe the servers are asked what they can do (one that only
tells by itself is started for it), and scenarios that do not fit them are left out.`,
		Example: `  oauthbench plan init --candidate hydra:v2.3.0 --write oauthbench.yaml
  oauthbench plan init --target https://issuer.example --probe`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			command, asked, err := planflags.AskFor(cmd, as)
			if err != nil {
				return err
			}
			if _, err := targets.OfPlan(asked.Plan); err != nil {
				return err
			}
			d := plandraft.Draft{Command: command, Plan: asked.Plan}
			for _, k := range plan.For(command) {
				if asked.From[k.Name] != "" {
					d.Given = append(d.Given, k.Name)
				}
			}
			if probe {
				if err := d.Probe(cmd.Context()); err != nil {
					return err
				}
			}
			if out == "" {
				return d.Write(cmd.OutOrStdout())
			}
			f, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
			if err != nil {
				return fmt.Errorf("--write: %w", err)
			}
			return errors.Join(d.Write(f), f.Close())
		},
	}
	planflags.AddAll(cmd)
	addFor(cmd, &as)
	cmd.Flags().BoolVar(&probe, "probe", false, "ask the servers what they can do")
	cmd.Flags().StringVar(&out, "write", "", "`FILE` to write, which must not exist (default: print it)")
	return cmd
}

func planSchemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of plan files, for editors",
		Long: `Schema prints a JSON Schema that is made of the keys. An editor that knows YAML Language
Server uses it for a plan that begins with the line
# yaml-language-server: $schema=oauthbench.schema.json`,
		Example: `  oauthbench plan schema > oauthbench.schema.json`,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := cmd.OutOrStdout().Write(schema.JSON())
			return err
		},
	}
}

func addFor(cmd *cobra.Command, as *string) {
	cmd.Flags().StringVar(as, "for", "", "`COMMAND` that the plan is for: "+strings.Join(plan.Commands, ", ")+
		" (default: the first that has all of its keys)")
	planflags.Complete(cmd, "for", cobra.FixedCompletions(plan.Commands, cobra.ShellCompDirectiveNoFileComp))
}
