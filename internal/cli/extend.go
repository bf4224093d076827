package cli

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"oauthbench/bench/verdict/runs"
	"oauthbench/internal/plan"
	"oauthbench/internal/session"
	"oauthbench/internal/targets"
)

// besideExtend are the flags that may stand beside --extend: what is measured, and how it is
// judged, is the stored run's.
var besideExtend = []string{"extend", "out", "wait-quiet", "live", "fail-on", "details", secretsFlag}

// extend goes on with a stored comparison, in a directory of its own.
func extend(cmd *cobra.Command, dir string) error {
	var other []string
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if !slices.Contains(besideExtend, f.Name) {
			other = append(other, "--"+f.Name)
		}
	})
	if len(other) > 0 {
		return fmt.Errorf("%s cannot stand beside --extend: the plan is the stored run's", other[0])
	}
	given, err := readPlan(cmd, plan.Compare)
	if err != nil {
		return err
	}
	fail, err := readFailOn(cmd)
	if err != nil {
		return err
	}
	run, err := session.Read(dir)
	if err != nil {
		return &targets.UsageError{Err: err}
	}
	e, err := session.NewExtension(run)
	if err != nil {
		return &targets.UsageError{Err: fmt.Errorf("extend %s: %w", dir, err)}
	}
	p := e.Plan
	p.Out, p.OutByTime, p.WaitQuiet = given.Out, given.OutByTime, given.WaitQuiet
	p.SecretsAllowed = given.SecretsAllowed
	goOn := func(r session.Request) (*session.Result, error) {
		r.ShouldStop, r.Extend = runs.ShouldStop, e
		return session.Run(cmd.Context(), r)
	}
	result, err := measureWith(p, liveAddress(cmd), cmd.ErrOrStderr(), goOn)
	if result == nil {
		return err
	}
	return errors.Join(writeReport(result.Run, result.Dir, fail, resultOf(cmd)), err)
}
