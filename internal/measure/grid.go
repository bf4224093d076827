package measure

import (
	"context"

	"oauthbench/bench"
	"oauthbench/internal/answer"
	"oauthbench/internal/capacityrun"
	"oauthbench/internal/exitcode"
	"oauthbench/internal/judged"
	"oauthbench/internal/plan"
	"oauthbench/internal/terminal"
	"oauthbench/internal/varied"
	"oauthbench/internal/version"
	"oauthbench/internal/watch"
)

// Grid measures what a plan varies, a run in a folder of its own for each cell, and reports
// on all of them. With a folder to resume it goes on with the grid there.
func Grid(
	ctx context.Context, p plan.Plan, resume capacityrun.Resumed, show watch.Options, out answer.Printer,
) error {
	tool := version.Read().String()
	watcher, hide, err := watch.New(show, tool)
	if err != nil {
		return err
	}
	defer hide()
	g, err := varied.Run(ctx, varied.Request{
		Plan: p, Tool: tool, Observer: watcher, Resume: resume.Dir != "",
		Report: func(run *bench.Run, dir string) error {
			d, err := judged.Document(run)
			if err != nil {
				terminal.Fprintf(show.Log, "oauthbench: %s: %v\n", dir, err)
				return nil // The run is stored; the grid says that it could not be judged.
			}
			return answer.FirstLine(d.WriteAll(dir))
		},
	})
	if g == nil {
		return err
	}
	written := out.Document(judged.Grid(g), g.Dir)
	if code := exitcode.Of(written); err == nil || code == exitcode.Regression {
		return written
	}
	return err
}
