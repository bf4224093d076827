// Package help prints what commands do and how they are called: grouped by subject and
// within 80 columns. It knows cobra's commands and nothing of what they are for.
package help

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/oauthbench/oauthbench/internal/flagvalue"
	"github.com/oauthbench/oauthbench/internal/nearest"
)

// Columns is the width of all help: it fits the smallest terminal in use.
const Columns = 80

// groupAnnotation is where a flag keeps the heading that it stands under.
const groupAnnotation = "oauthbench-group"

// InGroup puts a flag under a heading of the help.
func InGroup(cmd *cobra.Command, flag, group string) {
	if err := cmd.Flags().SetAnnotation(flag, groupAnnotation, []string{group}); err != nil {
		panic(err) // only for a flag that does not exist
	}
}

// Print prints what a command does, then how it is called.
func Print(cmd *cobra.Command, _ []string) {
	text := cmd.Long
	if text == "" {
		text = cmd.Short + "."
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s\n\n", fold(text, Columns))
	cmd.SetErr(cmd.OutOrStdout())
	_ = cmd.UsageFunc()(cmd) // It returns an error for cobra's sake and never has one.
}

// fold wraps the paragraphs of a text at a number of columns. Lines that begin with a
// space are a table: what is too long of them goes on below its last column.
func fold(text string, columns int) string {
	var out []string
	var words []string
	flush := func() {
		out = append(out, wrap(words, "", "", columns)...)
		words = nil
	}
	for line := range strings.SplitSeq(text, "\n") {
		switch {
		case line == "":
			flush()
			out = append(out, "")
		case !strings.HasPrefix(line, " "):
			words = append(words, strings.Fields(line)...)
		default:
			flush()
			column := 2
			if i := strings.LastIndex(line, "  "); i > column {
				column = i + 2
			}
			first := line[:min(column, len(line))]
			out = append(out, wrap(strings.Fields(line[len(first):]), first, strings.Repeat(" ", len(first)),
				columns)...)
		}
	}
	flush()
	return strings.Join(out, "\n")
}

// Entry is an entry of a list within Columns: a name, and below it what there is to say,
// each under a label.
func Entry(w io.Writer, name string, labelled ...[2]string) {
	fmt.Fprintln(w, name)
	for _, l := range labelled {
		lead := "  "
		if l[0] != "" {
			lead = fmt.Sprintf("  %-8s  ", l[0])
		}
		for _, line := range wrap(strings.Fields(l[1]), lead, strings.Repeat(" ", len(lead)), Columns) {
			fmt.Fprintln(w, line)
		}
	}
}

// Wrap sets a text in lines within Columns; the first begins with one text and the others with
// another.
func Wrap(text, first, others string) []string {
	return wrap(strings.Fields(text), first, others, Columns)
}

// wrap sets words in lines; the first begins with one text and the others with another.
func wrap(words []string, first, others string, columns int) []string {
	if len(words) == 0 {
		return nil
	}
	var lines []string
	line := first + words[0]
	for _, word := range words[1:] {
		if len(line)+1+len(word) > columns {
			lines = append(lines, line)
			line = others + word
			continue
		}
		line += " " + word
	}
	return append(lines, line)
}

// Usage returns what prints how a command is called: examples, then its commands or its
// flags under the headings of groups, in their order.
func Usage(groups []string) func(*cobra.Command) error {
	return func(cmd *cobra.Command) error { return usage(cmd, groups) }
}

func usage(cmd *cobra.Command, groups []string) error {
	w := cmd.ErrOrStderr()
	called := cmd.UseLine()
	if cmd.HasAvailableSubCommands() {
		called = cmd.CommandPath() + " COMMAND [flags]"
	}
	fmt.Fprintf(w, "Usage:\n  %s\n", called)
	if cmd.HasExample() {
		fmt.Fprintf(w, "\nExamples:\n%s\n", cmd.Example)
	}
	if cmd.HasAvailableSubCommands() {
		printCommands(w, cmd)
		fmt.Fprintf(w, "\n%s COMMAND --help tells more of each.\n", cmd.CommandPath())
	}
	heading := "Flags"
	for _, group := range groups {
		if printFlags(w, group, cmd.LocalFlags(), group) {
			heading = "Other flags"
		}
	}
	printFlags(w, heading, cmd.LocalFlags(), "")
	if cmd.HasAvailableInheritedFlags() {
		fmt.Fprintf(w, "\nFlags of every command:\n%s", cmd.InheritedFlags().FlagUsagesWrapped(Columns))
	}
	return nil
}

// printCommands prints the commands of a command group by group, last those of none.
func printCommands(w io.Writer, cmd *cobra.Command) {
	for _, group := range append(cmd.Groups(), &cobra.Group{Title: "Commands"}) {
		heading := "\n" + group.Title + ":\n"
		for _, c := range cmd.Commands() {
			if c.GroupID == group.ID && c.IsAvailableCommand() {
				fmt.Fprintf(w, "%s  %-11s %s\n", heading, c.Name(), c.Short)
				heading = ""
			}
		}
	}
}

// printFlags prints the flags of one group under a heading, and tells whether it has any.
func printFlags(w io.Writer, heading string, flags *pflag.FlagSet, group string) bool {
	chosen := pflag.NewFlagSet(heading, pflag.ContinueOnError)
	chosen.SortFlags = false
	flags.SortFlags = false
	flags.VisitAll(func(f *pflag.Flag) {
		if strings.Join(f.Annotations[groupAnnotation], "") == group {
			chosen.AddFlag(f)
		}
	})
	if !chosen.HasAvailableFlags() {
		return false
	}
	fmt.Fprintf(w, "\n%s:\n%s", heading, chosen.FlagUsagesWrapped(Columns))
	return true
}

// FlagError says of an unknown flag which one was probably meant, and of a value that a flag does
// not take what is wanted.
func FlagError(cmd *cobra.Command, err error) error {
	if bad, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return flagvalue.Refused("--"+bad.GetFlag().Name, bad.GetFlag(), bad.GetValue(), bad.Unwrap())
	}
	unknown, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok {
		return err
	}
	name := unknown.GetSpecifiedName()
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	if similar := nearest.Word(name, names); similar != "" {
		return fmt.Errorf("unknown flag --%s: did you mean --%s?", name, similar)
	}
	return fmt.Errorf("unknown flag --%s: see %s --help", name, cmd.CommandPath())
}
