package cli

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/oauthbench/oauthbench/internal/answer"
	"github.com/oauthbench/oauthbench/internal/flagvalue"
	"github.com/oauthbench/oauthbench/reports"
)

// addResult gives a command that ends with a report what says how it is printed.
func addResult(cmd *cobra.Command) {
	addDetails(cmd)
	addFormat(cmd, reports.SingleFormats())
}

// addDetails gives a command that ends with a report --details.
func addDetails(cmd *cobra.Command) {
	cmd.Flags().Bool("details", false, "print the whole report on a terminal too, not only the answer")
}

// resultOf is where a command prints its report: with --details all of it goes to a terminal.
func resultOf(cmd *cobra.Command) io.Writer {
	if all, _ := cmd.Flags().GetBool("details"); all {
		return answer.Detailed(cmd.OutOrStdout())
	}
	return cmd.OutOrStdout()
}

// addFormat gives a command --format, with the formats that it can print, the default first.
func addFormat(cmd *cobra.Command, formats []string) *string {
	format := new(string)
	flagvalue.OneOf(cmd.Flags(), format, "format", "`FORMAT` to print", formats...)
	return format
}

// printerOf is what prints the report of a command, by the flags that it has.
func printerOf(cmd *cobra.Command) answer.Printer {
	return answer.Printer{
		Out: resultOf(cmd), Log: cmd.ErrOrStderr(),
		Format: cmd.Flags().Lookup("format").Value.String(), // addResult has made it.
		Fail:   failOnOf(cmd),
	}
}
