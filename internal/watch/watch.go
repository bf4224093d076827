// Package watch shows a run while it goes: on a terminal or in a log, and in browsers on
// this machine.
package watch

import (
	"io"

	"oauthbench/bench"
	"oauthbench/internal/live"
	"oauthbench/internal/session"
	"oauthbench/internal/targets"
	"oauthbench/internal/terminal"
)

// Watcher is the session's Observer.
type Watcher struct {
	display *terminal.Display
	view    *live.View // nil where no browser is served
}

// Terminal shows runs on w alone.
func Terminal(w io.Writer) *Watcher { return &Watcher{display: terminal.New(w)} }

// New shows a run on w and, unless the address is "", to browsers there until hide is called.
func New(w io.Writer, address string) (watcher *Watcher, hide func(), err error) {
	watcher = Terminal(w)
	if address == "" {
		return watcher, func() {}, nil
	}
	server, err := live.Listen(address)
	if err != nil {
		return nil, nil, &targets.UsageError{Err: err}
	}
	watcher.view = server.View
	watcher.Say("live: %s", server.URL())
	return watcher, func() {
		if err := server.Close(); err != nil {
			watcher.display.Warnf("stop the live view: %v", err)
		}
	}, nil
}

// Say prints a line that stays.
func (w *Watcher) Say(format string, args ...any) { w.display.Say(format, args...) }

// Follow shows what goes on until stop is called.
func (w *Watcher) Follow(a session.Activity) (stop func()) {
	stopDisplay := w.display.Follow(a.Line)
	if a.Trials == nil {
		return stopDisplay
	}
	stopView := w.view.Follow(a.Trials, a.Planned, a.Left)
	return func() { stopView(); stopDisplay() }
}

// Watched tells whether browsers look at the run.
func (w *Watcher) Watched() bool { return w.view != nil }

// Conclude tells browsers, when the run is hidden from them, how it ended and where its page is.
func (w *Watcher) Conclude(headline, report string) {
	w.view.Conclude(live.Conclusion{Headline: headline, Report: report})
}

// Publish draws the run as it is, and for good when it has ended.
func (w *Watcher) Publish(run *bench.Run) {
	draw := w.view.Publish
	if run.End != nil {
		draw = w.view.Finish
	}
	if err := draw(run); err != nil {
		w.display.Warnf("%v", err)
	}
}
