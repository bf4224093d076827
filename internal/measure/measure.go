// Package measure measures what a plan says, one run or one for each of several candidates,
// and shows it while it goes.
package measure

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/oauthbench/oauthbench/bench/verdict/runs"
	"github.com/oauthbench/oauthbench/internal/answer"
	"github.com/oauthbench/oauthbench/internal/judged"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/session"
	"github.com/oauthbench/oauthbench/internal/targets"
	"github.com/oauthbench/oauthbench/internal/version"
	"github.com/oauthbench/oauthbench/internal/watch"
	"github.com/oauthbench/oauthbench/reports"
)

// Run measures what the plan says, stores it, and shows it while it goes.
func Run(ctx context.Context, p plan.Plan, show watch.Options) (*session.Result, error) {
	p, extended, err := session.Extended(p)
	if err != nil {
		return nil, err
	}
	return With(p, show, func(r session.Request) (*session.Result, error) {
		r.ShouldStop, r.Extend = runs.ShouldStop, extended
		return session.Run(ctx, r)
	})
}

// With is Run with a run of any kind.
func With(
	p plan.Plan, show watch.Options, run func(session.Request) (*session.Result, error),
) (*session.Result, error) {
	asked, err := targets.OfPlan(p)
	if err != nil {
		return nil, err
	}
	var result *session.Result
	var failed error
	err = shown(show, func(tool string, w *watch.Watcher) (judge, string) {
		result, failed = run(session.Request{Plan: p, Targets: asked, Tool: tool, Observer: w})
		if result == nil {
			return nil, ""
		}
		return func() (*reports.Document, error) { return judged.Document(result.Run) }, result.Dir
	})
	if err != nil {
		return nil, err
	}
	return result, failed
}

// judge reports on what was measured.
type judge func() (*reports.Document, error)

// shown shows what run measures while it goes, and ends the show with what judge says of it; nil
// where nothing was measured. The error says why nothing could be shown, and then nothing has run.
func shown(show watch.Options, run func(tool string, w *watch.Watcher) (j judge, dir string)) error {
	tool := version.Read().String()
	watcher, hide, err := watch.New(show, tool)
	if err != nil {
		return err
	}
	defer hide()
	j, dir := run(tool, watcher)
	if j == nil || !watcher.Watched() {
		return nil
	}
	if d, unjudged := j(); unjudged == nil {
		watcher.Conclude(d.Headline, filepath.Join(dir, "report.html"))
	}
	return nil
}

// One measures what the plan says and prints the report.
func One(ctx context.Context, p plan.Plan, show watch.Options, out answer.Printer) error {
	result, err := Run(ctx, p, show)
	if result == nil {
		return err
	}
	return errors.Join(out.Run(result.Run, result.Dir), err)
}
