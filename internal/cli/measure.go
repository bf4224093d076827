package cli

import (
	"context"
	"io"

	"oauthbench/bench"
	"oauthbench/bench/verdict/runs"
	"oauthbench/internal/live"
	"oauthbench/internal/plan"
	"oauthbench/internal/session"
	"oauthbench/internal/targets"
	"oauthbench/internal/terminal"
)

// measure measures what the plan says, stores it, and shows it on stderr while it goes,
// and to browsers at an address unless that is "".
func measure(ctx context.Context, p plan.Plan, address string, stderr io.Writer) (*session.Result, error) {
	asked, err := targets.OfPlan(p)
	if err != nil {
		return nil, err
	}
	d := terminal.New(stderr)
	view, hide, err := show(address, d)
	if err != nil {
		return nil, err
	}
	defer hide()
	return session.Run(ctx, session.Request{
		Plan: p, Targets: asked, Tool: version(), Observer: &watcher{d, view}, ShouldStop: runs.ShouldStop,
	})
}

// watcher shows a run on the display and, unless it is nil, in the view for browsers.
type watcher struct {
	display *terminal.Display
	view    *live.View
}

func (w *watcher) Say(format string, args ...any) { w.display.Say(format, args...) }

func (w *watcher) Follow(a session.Activity) (stop func()) {
	stopDisplay := w.display.Follow(a.Line)
	if a.Trials == nil {
		return stopDisplay
	}
	stopView := w.view.Follow(a.Trials, a.Planned)
	return func() { stopView(); stopDisplay() }
}

func (w *watcher) Publish(run *bench.Run) {
	draw := w.view.Publish
	if run.End != nil {
		draw = w.view.Finish
	}
	if err := draw(run); err != nil {
		w.display.Warnf("%v", err)
	}
}
