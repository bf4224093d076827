package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"oauthbench/bench/verdict"
)

// failOn says which decisions fail a job. The zero value is failInconclusive.
type failOn string

const (
	failRegression   failOn = "regression"   // only what was found to be worse
	failInconclusive failOn = "inconclusive" // everything that did not pass
	failNever        failOn = "never"        // nothing that was decided
)

var failOns = []string{string(failRegression), string(failInconclusive), string(failNever)}

func addFailOn(cmd *cobra.Command) {
	cmd.Flags().String("fail-on", string(failInconclusive),
		"which `VERDICTS` exit with more than 0: "+strings.Join(failOns, ", "))
	complete(cmd, "fail-on", cobra.FixedCompletions(failOns, cobra.ShellCompDirectiveNoFileComp))
}

func readFailOn(cmd *cobra.Command) (failOn, error) {
	value, err := cmd.Flags().GetString("fail-on")
	if err == nil && !slices.Contains(failOns, value) {
		err = fmt.Errorf("--fail-on %q: there are %s", value, strings.Join(failOns, ", "))
	}
	return failOn(value), err
}

// code is the exit code of a decision. Usage errors, targets that did not start and
// reports that could not be written have codes of their own, whatever it says.
func (f failOn) code(d verdict.Decision) int {
	code := codeOf(d)
	switch {
	case f == failNever, f == failRegression && code == exitInconclusive:
		return exitPass
	}
	return code
}

func addAllow(cmd *cobra.Command, allow *[]string) {
	cmd.Flags().StringArrayVar(allow, "allow", nil,
		"property that may differ, such as hasher, seed, rate or machine; may be repeated")
}
