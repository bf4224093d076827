// Package measure measures what a plan says, one run or one for each of several candidates,
// and shows it while it goes.
package measure

import (
	"context"
	"errors"
	"path/filepath"

	"oauthbench/bench/verdict/runs"
	"oauthbench/internal/answer"
	"oauthbench/internal/judged"
	"oauthbench/internal/plan"
	"oauthbench/internal/session"
	"oauthbench/internal/targets"
	"oauthbench/internal/version"
	"oauthbench/internal/watch"
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
	tool := version.Read().String()
	watcher, hide, err := watch.New(show, tool)
	if err != nil {
		return nil, err
	}
	defer hide()
	result, err := run(session.Request{Plan: p, Targets: asked, Tool: tool, Observer: watcher})
	if result != nil && watcher.Watched() {
		if d, unjudged := judged.Document(result.Run); unjudged == nil {
			watcher.Conclude(d.Headline, filepath.Join(result.Dir, "report.html"))
		}
	}
	return result, err
}

// One measures what the plan says and prints the report.
func One(ctx context.Context, p plan.Plan, show watch.Options, out answer.Printer) error {
	result, err := Run(ctx, p, show)
	if result == nil {
		return err
	}
	return errors.Join(out.Run(result.Run, result.Dir), err)
}
