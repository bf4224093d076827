package cli

import (
	"io"
	"strings"

	"github.com/spf13/cobra"

	"oauthbench/internal/answer"
	"oauthbench/internal/planflags"
)

func addDetails(cmd *cobra.Command) {
	cmd.Flags().Bool("details", false, "print the whole report on a terminal too, not only the answer")
}

// addFormat gives a command that lists something --format.
func addFormat(cmd *cobra.Command, format *answer.ListFormat) {
	cmd.Flags().Var(format, "format", "print this: "+strings.Join(answer.ListFormats, ", ")+" (default text)")
	planflags.Complete(cmd, "format", cobra.FixedCompletions(answer.ListFormats, cobra.ShellCompDirectiveNoFileComp))
}

// resultOf is where a command prints its result.
func resultOf(cmd *cobra.Command) io.Writer {
	if all, err := cmd.Flags().GetBool("details"); err == nil && all {
		return answer.Detailed(cmd.OutOrStdout())
	}
	return cmd.OutOrStdout()
}
