// Package cli is the command line: one file for each command. It is the only place
// where the other packages meet, and the only one that prints.
package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/oauthbench/oauthbench/internal/exitcode"
	"github.com/oauthbench/oauthbench/internal/flagvalue"
	"github.com/oauthbench/oauthbench/internal/help"
	"github.com/oauthbench/oauthbench/internal/logs"
	"github.com/oauthbench/oauthbench/internal/nearest"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/planflags"
	"github.com/oauthbench/oauthbench/internal/terminal"
	"github.com/oauthbench/oauthbench/internal/variables"
	"github.com/oauthbench/oauthbench/internal/version"
)

// Main runs one command and returns its exit code. stdout gets the result, stderr
// the progress and one line for an error.
func Main(args []string, stdout, stderr io.Writer) int {
	root := rootCommand()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	ctx, stop := interruptible()
	defer stop()
	err := root.ExecuteContext(ctx)
	// An error of the command line comes before its log is made.
	log := logs.Asked(root.ErrOrStderr(), args)
	if err == nil {
		logs.End(log, "")
		return exitcode.Pass
	}
	logs.End(log, terminal.Plain(err.Error()))
	return exitcode.Of(err)
}

// Root is the command line, for what is made of it beside a run.
func Root() *cobra.Command { return rootCommand() }

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "oauthbench",
		Short: "May we upgrade our OAuth server? Measure two versions and decide.",
		Long: `oauthbench boots two versions of an OAuth authorization server, sends both the same
token, introspection and revocation traffic at controlled rates, and decides from
P95 and P99 whether the newer one is slower. Every wrong answer counts too.

Exit codes: 0 pass; 1 regression, wrong answer or missed SLO; 2 usage or plan error;
3 inconclusive, invalid environment or interrupted; 4 a target could not start.`,
		Version:       version.Read().String(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			cure := "see oauthbench --help"
			if similar := cmd.SuggestionsFor(args[0]); len(similar) > 0 {
				cure = "did you mean " + strings.Join(similar, " or ") + "?"
			}
			return fmt.Errorf("unknown command %q: %s", args[0], cure)
		},
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return prepare(cmd) },
	}
	root.SuggestionsMinimumDistance = 2
	root.SetHelpFunc(help.Print)
	root.SetUsageFunc(help.Usage(groups()))
	root.SetFlagErrorFunc(help.FlagError)
	flags := root.PersistentFlags()
	flags.Bool("quiet", false, "say nothing but the result, and what a command fails with")
	flags.BoolP("verbose", "v", false, "say more: a line about every trial")
	flagvalue.OneOf(flags, new(string), "log-format", "`FORMAT` of what is said beside the result", logs.Formats...)
	root.SetVersionTemplate("oauthbench {{.Version}}\n")
	for _, group := range commands {
		root.AddGroup(&cobra.Group{ID: group.heading, Title: group.heading})
		for _, command := range group.of {
			cmd := command()
			cmd.GroupID = group.heading
			root.AddCommand(cmd)
		}
	}
	besides := commands[len(commands)-1].heading
	root.SetCompletionCommandGroupID(besides)
	root.SetHelpCommandGroupID(besides)
	finishFlags(root)
	return root
}

// finishFlags gives the flags that take one of a few words, of all commands, their completion, and lets
// all that are no keys of a plan, which see to it themselves, be given one value only.
func finishFlags(cmd *cobra.Command) {
	for _, flags := range []*pflag.FlagSet{cmd.Flags(), cmd.PersistentFlags()} {
		flags.VisitAll(func(f *pflag.Flag) {
			if words := flagvalue.Words(f); words != nil {
				planflags.Complete(cmd, f.Name, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
			}
			if _, key := f.Value.(*plan.Flag); !key {
				flagvalue.Once(f)
			}
		})
	}
	for _, c := range cmd.Commands() {
		finishFlags(c)
	}
}

// prepare makes a command ready to run: its flags from the environment, and its log.
func prepare(cmd *cobra.Command) error {
	if err := applyVariables(cmd); err != nil {
		return err
	}
	quiet, _ := cmd.Flags().GetBool("quiet")
	if verbose, _ := cmd.Flags().GetBool("verbose"); verbose && quiet {
		return errors.New("--quiet and --verbose cannot be given together")
	}
	log, err := logs.Of(cmd.Root().ErrOrStderr(), quiet, cmd.Flags().Lookup("log-format").Value.String())
	cmd.Root().SetErr(log)
	return err
}

// applyVariables gives a command the flags that stand in the environment.
func applyVariables(cmd *cobra.Command) error {
	if !cmd.Runnable() || cmd.Name() == "help" || cmd.Name() == cobra.ShellCompRequestCmd ||
		cmd.Parent() != nil && cmd.Parent().Name() == "completion" {
		return nil
	}
	if err := variables.Apply(cmd); err != nil || cmd.Flags().Lookup("plan") != nil {
		return err // A plan may name more variables: whoever reads it looks at them.
	}
	return variables.CheckUnknown(cmd.Root(), nil, true)
}

// groups are the headings that flags of a plan stand under.
func groups() []string {
	var names []string
	for _, g := range plan.Groups {
		names = append(names, string(g))
	}
	return names
}

// commands are all of them, under the headings of the help.
var commands = []struct {
	heading string
	of      []func() *cobra.Command
}{
	{"Measure and decide", []func() *cobra.Command{compareCommand, runCommand, capacityCommand, rehearseCommand,
		matrixCommand}},
	{"Read and keep what was measured", []func() *cobra.Command{reportCommand, sizeCommand, baselineCommand,
		historyCommand}},
	{"Before it begins", []func() *cobra.Command{planCommand, targetsCommand, scenariosCommand, doctorCommand,
		selftestCommand, hashesCommand}},
	{"Besides", []func() *cobra.Command{serveCommand, cleanCommand, versionCommand}},
}

// subcommands refuses arguments of a command that only has commands of its own.
func subcommands(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	return fmt.Errorf("%s has no command %q: %s", cmd.Name(), args[0], nearest.Cure(args[0], names))
}

// noArguments refuses arguments with the cure; cobra's own text calls them commands.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no argument %q: see %s --help", cmd.CommandPath(), args[0], cmd.CommandPath())
	}
	return nil
}
