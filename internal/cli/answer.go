package cli

import (
	"github.com/spf13/cobra"

	"oauthbench/internal/answer"
	"oauthbench/internal/flagvalue"
	"oauthbench/reports"
)

// addResult gives a command that ends with a report what says how it is printed.
func addResult(cmd *cobra.Command) {
	cmd.Flags().Bool("details", false, "print the whole report on a terminal too, not only the answer")
	addFormat(cmd, reports.SingleFormats())
}

// addFormat gives a command --format, with the formats that it can print, the default first.
func addFormat(cmd *cobra.Command, formats []string) *string {
	format := new(string)
	flagvalue.OneOf(cmd.Flags(), format, "format", "`FORMAT` to print", formats...)
	return format
}

// printerOf is what prints the report of a command, by the flags that it has.
func printerOf(cmd *cobra.Command) answer.Printer {
	p := answer.Printer{
		Out: cmd.OutOrStdout(), Log: cmd.ErrOrStderr(),
		Format: cmd.Flags().Lookup("format").Value.String(), // addResult has made it.
		Fail:   failOnOf(cmd),
	}
	if all, _ := cmd.Flags().GetBool("details"); all {
		p.Out = answer.Detailed(p.Out)
	}
	return p
}
