package cli

import (
	"io"

	"github.com/spf13/cobra"

	"oauthbench/internal/answer"
)

func addDetails(cmd *cobra.Command) {
	cmd.Flags().Bool("details", false, "print the whole report on a terminal too, not only the answer")
}

// resultOf is where a command prints its result.
func resultOf(cmd *cobra.Command) io.Writer {
	if all, err := cmd.Flags().GetBool("details"); err == nil && all {
		return answer.Detailed(cmd.OutOrStdout())
	}
	return cmd.OutOrStdout()
}
