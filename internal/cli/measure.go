package cli

import (
	"context"
	"io"
	"slices"

	"oauthbench/bench"
	"oauthbench/bench/verdict"
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
	asked, err := targetsOf(p)
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
		Plan: p, Targets: asked, Tool: version(), Observer: &watcher{d, view}, ShouldStop: shouldStop,
	})
}

// targetsOf understands the targets of a plan without starting anything.
func targetsOf(p plan.Plan) (map[bench.Role]targets.Target, error) {
	texts := map[bench.Role]string{bench.Candidate: p.Candidate}
	if p.Baseline != "" {
		texts[bench.Baseline] = p.Baseline
	}
	asked := map[bench.Role]targets.Target{}
	for role, text := range texts {
		t, err := targets.Parse(text, p)
		if err != nil {
			return nil, err
		}
		asked[role] = t
	}
	return asked, nil
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

// shouldStop asks after the pilot epochs whether more can help, and at a planned look
// whether more are needed. The reasons are stored with the run: an hour that ends in
// "cannot tell" is worth less than the sentence that says so now.
func shouldStop(run *bench.Run, epochs int) (stop bool, why []string) {
	in, err := runs.Input(run)
	if err != nil || in.Profile.Unit != verdict.UnitEpoch {
		return false, nil // What is wrong with the input, the verdict will say.
	}
	in.Interrupted = false // It has no end yet.
	if epochs == verdict.PilotUnits {
		// What is wrong with the input, the verdict will say.
		if why, err := verdict.Pilot(in); err == nil && len(why) > 0 {
			return true, why
		}
	}
	look := slices.Index(in.Profile.Looks, epochs)
	if look < 0 {
		return false, nil
	}
	stop, _, err = verdict.Look(in, look)
	return err == nil && stop, nil
}
