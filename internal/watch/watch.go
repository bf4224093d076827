// Package watch shows a run while it goes: on a terminal or in a log, and in browsers on
// this machine.
package watch

import (
	"io"
	"runtime"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/live"
	"github.com/oauthbench/oauthbench/internal/metrics"
	"github.com/oauthbench/oauthbench/internal/session"
	"github.com/oauthbench/oauthbench/internal/systems"
	"github.com/oauthbench/oauthbench/internal/targets"
	"github.com/oauthbench/oauthbench/internal/terminal"
)

// Options say where a run is shown.
type Options struct {
	Log     io.Writer // a terminal or a log
	Live    string    // address for browsers on this machine, "" for none
	Metrics string    // address for Prometheus, "" for none
	Verbose bool      // The log has a line about every trial.
}

// Watcher is the session's Observer.
type Watcher struct {
	display *terminal.Display
	view    *live.View        // nil where no browser is served
	figures *metrics.Recorder // nil where nobody asks for them
	trials  *trialLines       // nil unless every trial is told
}

// Terminal shows runs on w alone.
func Terminal(w io.Writer) *Watcher { return &Watcher{display: terminal.New(w)} }

// New shows a run as o says until hide is called, and says first what this system lacks. The
// version of this program is among the figures.
func New(o Options, tool string) (watcher *Watcher, hide func(), err error) {
	watcher = Terminal(o.Log)
	for _, line := range systems.Missing(runtime.GOOS) {
		watcher.Say("%s", line)
	}
	if o.Verbose {
		watcher.trials = &trialLines{}
	}
	stopView, err := watcher.showLive(o.Live)
	if err != nil {
		return nil, nil, err
	}
	stopFigures := watcher.offerFigures(o.Metrics, tool)
	return watcher, func() { stopFigures(); stopView() }, nil
}

// showLive shows the run to browsers, unless the address is "".
func (w *Watcher) showLive(address string) (stop func(), err error) {
	if address == "" {
		return func() {}, nil
	}
	server, err := live.Listen(address)
	if err != nil {
		return nil, &targets.UsageError{Err: err}
	}
	w.view = server.View
	w.Say("live: %s", server.URL())
	return func() {
		if err := server.Close(); err != nil {
			w.display.Warnf("stop the live view: %v", err)
		}
	}, nil
}

// offerFigures offers the figures of the run to whoever is to have them.
func (w *Watcher) offerFigures(address, tool string) (stop func()) {
	if !metrics.Wanted(address) {
		return func() {}
	}
	w.figures = metrics.NewRecorder(tool)
	return w.figures.Offer(address, tool, func(what string) { w.Say("%s", what) },
		func(err error) { w.display.Warnf("%v", err) })
}

// Say prints a line that stays.
func (w *Watcher) Say(format string, args ...any) { w.display.Say(format, args...) }

// Follow shows what goes on until stop is called.
func (w *Watcher) Follow(a session.Activity) (stop func()) {
	stopDisplay := w.display.Follow(a.Line)
	place := live.Place{Part: a.Part, Before: a.Before}
	if a.Trials == nil {
		stopView := w.view.Prepare(a.Line, place)
		return func() { stopView(); stopDisplay() }
	}
	stopView := w.view.Follow(a.Trials, a.Planned, a.Left, place)
	stopFigures := w.figures.Follow(a.Trials, a.Planned)
	return func() { stopFigures(); stopView(); stopDisplay() }
}

// Watched tells whether browsers look at the run.
func (w *Watcher) Watched() bool { return w.view != nil }

// Conclude tells browsers, when the run is hidden from them, how it ended and where its page is.
func (w *Watcher) Conclude(headline, report string) {
	w.view.Conclude(live.Conclusion{Headline: headline, Report: report})
}

// Publish draws the run as it is, and for good when it has ended.
func (w *Watcher) Publish(run *bench.Run) {
	w.figures.Publish(run)
	for _, line := range w.trials.of(run) {
		w.Say("%s", line)
	}
	draw := w.view.Publish
	if run.End != nil {
		draw = w.view.Finish
	}
	if err := draw(run); err != nil {
		w.display.Warnf("%v", err)
	}
}
