package measure

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/oauthbench/oauthbench/internal/answer"
	"github.com/oauthbench/oauthbench/internal/exitcode"
	"github.com/oauthbench/oauthbench/internal/judged"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/session"
	"github.com/oauthbench/oauthbench/internal/targets"
	"github.com/oauthbench/oauthbench/internal/terminal"
	"github.com/oauthbench/oauthbench/internal/watch"
	"github.com/oauthbench/oauthbench/reports"
)

// All compares several candidates with one baseline, one after another: each in a
// run and a directory of its own within p.Out, at the same rates and with the same seed,
// each beside a baseline measured at that time. A report over all follows; its decisions
// are corrected for the number of candidates, and the exit code is the worst.
//
// Note: all side by side in one run would need designs for any number of versions, and
// more servers at once than a machine may carry; pairs are what the verdict is calibrated
// for.
func All(ctx context.Context, p plan.Plan, show watch.Options, out answer.Printer) error {
	return all(ctx, p, show, out, Run)
}

// all is All with runs of any kind.
func all(
	ctx context.Context, p plan.Plan, show watch.Options, out answer.Printer,
	run func(context.Context, plan.Plan, watch.Options) (*session.Result, error),
) error {
	plans := p.Each()
	for i := range plans {
		if _, err := targets.OfPlan(plans[i]); err != nil {
			return err // before anything is started
		}
		plans[i].Out = filepath.Join(p.Out, fmt.Sprintf("%d-%s", i+1, targets.DirectoryName(plans[i].Candidate)))
		if _, err := os.Stat(filepath.Join(plans[i].Out, session.FileName)); err == nil {
			return fmt.Errorf("--out %s holds runs already: choose another directory or remove it", p.Out)
		}
	}
	rates, err := session.CommonRates(ctx, plans, watch.Terminal(show.Log))
	if err != nil {
		return err
	}
	var runs []reports.Release
	var missing []string
	var problem error // of the first that could not be measured
	for _, one := range plans {
		one.Rates = rates
		name := plaintext.Target(one.Candidate)
		if ctx.Err() != nil {
			missing = append(missing, name+": stopped before it began")
			continue
		}
		terminal.Fprintf(show.Log, "candidate %s, into %s\n", name, one.Out)
		result, err := run(ctx, one, show)
		if result == nil && exitcode.Of(err) == exitcode.Usage && len(runs) == 0 {
			return err // The plan is at fault, for every candidate; later, what was measured is reported.
		}
		if result == nil {
			missing = append(missing, fmt.Sprintf("%s: %v", name, err))
			if problem == nil {
				problem = err
			}
			continue
		}
		if err != nil && problem == nil {
			problem = err // The server died for good; what was measured is reported.
		}
		r, err := judged.Run(result.Run)
		if err == nil {
			err = answer.FirstLine(reports.OfRun(r).WriteAll(one.Out))
		}
		if err != nil {
			return &exitcode.Unfinished{Err: err}
		}
		runs = append(runs, reports.Release{Dir: one.Out, Report: r})
	}
	if len(runs) == 0 {
		return problem
	}
	// Nothing is refused: each candidate was measured like its own baseline.
	named, more, err := answer.ReleasesDiffer(runs, nil)
	if err != nil {
		return &exitcode.Unfinished{Err: err}
	}
	worst := out.WriteReleases(reports.OfReleases(runs, append(named, more...), missing), p.Out)
	if exitcode.Of(worst) == exitcode.Regression || problem == nil {
		return worst
	}
	return problem // a candidate could not be measured: that is worse than not to know
}
