package cli

import (
	"github.com/spf13/cobra"

	"github.com/oauthbench/oauthbench/internal/exitcode"
	"github.com/oauthbench/oauthbench/internal/flagvalue"
)

func addFailOn(cmd *cobra.Command) {
	flagvalue.OneOf(cmd.Flags(), new(exitcode.FailOn), "fail-on", "which `VERDICTS` exit with more than 0",
		exitcode.FailOns...)
}

// failOnOf is what the command line says of it; of a command without the flag it is the zero value.
func failOnOf(cmd *cobra.Command) exitcode.FailOn {
	if f := cmd.Flags().Lookup("fail-on"); f != nil {
		return exitcode.FailOn(f.Value.String())
	}
	return ""
}

func addAllow(cmd *cobra.Command, allow *[]string) {
	cmd.Flags().StringSliceVar(allow, "allow", nil,
		"properties that may differ, such as hasher,seed,rate,machine; may be repeated")
}
