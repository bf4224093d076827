package measure

import (
	"context"
	"errors"
	"syscall"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/answer"
	"github.com/oauthbench/oauthbench/internal/capacityrun"
	"github.com/oauthbench/oauthbench/internal/exitcode"
	"github.com/oauthbench/oauthbench/internal/judged"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/terminal"
	"github.com/oauthbench/oauthbench/internal/varied"
	"github.com/oauthbench/oauthbench/internal/watch"
	"github.com/oauthbench/oauthbench/reports"
)

// Grid measures what a plan varies, a run in a folder of its own for each cell, and reports
// on all of them. With a folder to resume it goes on with the grid there.
func Grid(
	ctx context.Context, p plan.Plan, resume capacityrun.Resumed, show watch.Options, out answer.Printer,
) error {
	var g *varied.Grid
	var d *reports.Document
	var failed error
	err := shown(show, func(tool string, w *watch.Watcher) (judge, string) {
		g, failed = varied.Run(ctx, varied.Request{
			Plan: p, Tool: tool, Observer: w, Resume: resume.Dir != "",
			Report: func(run *bench.Run, dir string) error { return reportCell(run, dir, show) },
		})
		if g == nil {
			return nil, ""
		}
		d = judged.Grid(g)
		return func() (*reports.Document, error) { return d, nil }, g.Dir
	})
	if err != nil {
		return err
	}
	if g == nil {
		return failed
	}
	failed = unlessFull(failed)
	written := out.Document(d, g.Dir)
	if code := exitcode.Of(written); failed == nil || code == exitcode.Regression {
		return written
	}
	return failed
}

// unlessFull is an error of a grid of which something was measured. That a later cell found no place for
// its folder is nothing that was asked for wrongly.
func unlessFull(err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return &exitcode.Unfinished{Err: err}
	}
	return err
}

// reportCell writes the files of one cell.
func reportCell(run *bench.Run, dir string, show watch.Options) error {
	d, err := judged.Document(run)
	if err != nil {
		terminal.Fprintf(show.Log, "oauthbench: %s: %v\n", dir, err)
		return nil // The run is stored; the grid says that it could not be judged.
	}
	if err := answer.FirstLine(d.WriteAll(dir)); err != nil {
		return &exitcode.Unfinished{Err: err}
	}
	return nil
}
