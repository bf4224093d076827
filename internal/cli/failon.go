package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"oauthbench/internal/exitcode"
	"oauthbench/internal/planflags"
)

func addFailOn(cmd *cobra.Command) {
	cmd.Flags().String("fail-on", string(exitcode.FailInconclusive),
		"which `VERDICTS` exit with more than 0: "+strings.Join(exitcode.FailOns, ", "))
	planflags.Complete(cmd, "fail-on", cobra.FixedCompletions(exitcode.FailOns, cobra.ShellCompDirectiveNoFileComp))
}

func readFailOn(cmd *cobra.Command) (exitcode.FailOn, error) {
	value, _ := cmd.Flags().GetString("fail-on") // addFailOn has made it
	return exitcode.ReadFailOn(value)
}

func addAllow(cmd *cobra.Command, allow *[]string) {
	cmd.Flags().StringArrayVar(allow, "allow", nil,
		"property that may differ, such as hasher, seed, rate or machine; may be repeated")
}
