// Package measure measures what a plan says, one run or one for each of several candidates,
// and shows it while it goes.
package measure

import (
	"context"
	"io"
	"path/filepath"

	"oauthbench/bench/verdict/runs"
	"oauthbench/internal/judged"
	"oauthbench/internal/plan"
	"oauthbench/internal/session"
	"oauthbench/internal/targets"
	"oauthbench/internal/version"
	"oauthbench/internal/watch"
)

// Run measures what the plan says, stores it, and shows it on stderr while it goes,
// and to browsers at an address unless that is "".
func Run(ctx context.Context, p plan.Plan, address string, stderr io.Writer) (*session.Result, error) {
	p, extended, err := session.Extended(p)
	if err != nil {
		return nil, err
	}
	return With(p, address, stderr, func(r session.Request) (*session.Result, error) {
		r.ShouldStop, r.Extend = runs.ShouldStop, extended
		return session.Run(ctx, r)
	})
}

// With is Run with a run of any kind.
func With(
	p plan.Plan, address string, stderr io.Writer, run func(session.Request) (*session.Result, error),
) (*session.Result, error) {
	asked, err := targets.OfPlan(p)
	if err != nil {
		return nil, err
	}
	watcher, hide, err := watch.New(stderr, address)
	if err != nil {
		return nil, err
	}
	defer hide()
	result, err := run(session.Request{Plan: p, Targets: asked, Tool: version.Read().String(), Observer: watcher})
	if result != nil && watcher.Watched() {
		if d, unjudged := judged.Document(result.Run); unjudged == nil {
			watcher.Conclude(d.Headline, filepath.Join(result.Dir, "report.html"))
		}
	}
	return result, err
}
