package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"oauthbench/internal/answer"
	"oauthbench/internal/planflags"
	"oauthbench/reports"
)

// addResult gives a command that ends with a report what says how it is printed.
func addResult(cmd *cobra.Command) {
	cmd.Flags().Bool("details", false, "print the whole report on a terminal too, not only the answer")
	cmd.Flags().String("format", answer.Text, "`FORMAT` to print: "+strings.Join(reports.SingleFormats(), ", "))
	planflags.Complete(cmd, "format",
		cobra.FixedCompletions(reports.SingleFormats(), cobra.ShellCompDirectiveNoFileComp))
}

// printerOf is what prints the report of a command, by the flags that it has.
func printerOf(cmd *cobra.Command) (answer.Printer, error) {
	p := answer.Printer{Out: cmd.OutOrStdout(), Log: cmd.ErrOrStderr()}
	p.Format, _ = cmd.Flags().GetString("format") // addResult has made it.
	if err := answer.CheckFormat(p.Format); err != nil {
		return p, err
	}
	if all, _ := cmd.Flags().GetBool("details"); all {
		p.Out = answer.Detailed(p.Out)
	}
	if cmd.Flags().Lookup("fail-on") == nil {
		return p, nil
	}
	var err error
	p.Fail, err = readFailOn(cmd)
	return p, err
}

// addFormat gives a command that lists something --format.
func addFormat(cmd *cobra.Command, format *answer.ListFormat) {
	cmd.Flags().Var(format, "format", "print this: "+strings.Join(answer.ListFormats, ", ")+" (default text)")
	planflags.Complete(cmd, "format", cobra.FixedCompletions(answer.ListFormats, cobra.ShellCompDirectiveNoFileComp))
}
