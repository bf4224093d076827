package rehearse

import (
	"time"

	"github.com/oauthbench/oauthbench/scenarios/upgrade"
)

// Loss is what a window between copy and switch costs without a catch-up, for one lifetime of access
// tokens: the share of sessions that are refreshed in it, whose new tokens green never sees.
type Loss struct {
	Lifetime time.Duration
	Share    float64 // from 0 to 1
}

// lifetimes are those that are told.
var lifetimes = []time.Duration{5 * time.Minute, 15 * time.Minute, time.Hour, 4 * time.Hour, 12 * time.Hour,
	24 * time.Hour}

// losses are the shares for a window. A session is refreshed once in each lifetime of its access token, at a
// time that has nothing to do with the window.
func losses(window time.Duration) (all []Loss) {
	for _, l := range lifetimes {
		all = append(all, Loss{l, min(1, float64(window)/float64(l))})
	}
	return all
}

// Curve are the losses of one window.
type Curve struct {
	Of     string
	Window time.Duration
	Losses []Loss
}

// curves are those of this rehearsal's window and, where the migration was projected, of the one that
// the projection says.
func curves(report Report) (all []Curve) {
	var copied, switched time.Time
	for _, s := range report.Steps {
		switch s.Name {
		case upgrade.CopyStep:
			copied = s.Began
		case upgrade.SwitchStep:
			switched = s.Began.Add(s.Took)
		}
	}
	if copied.IsZero() || switched.IsZero() {
		return nil
	}
	window := switched.Sub(copied)
	all = append(all, Curve{"this rehearsal", window, losses(window)})
	if p := report.Projection; p != nil && report.Account != nil {
		seconds := time.Duration(p.Total.Seconds.Mean * float64(time.Second))
		window += max(0, seconds-report.Account.Took)
		all = append(all, Curve{"your tables, as projected, beside the other steps", window, losses(window)})
	}
	return all
}
