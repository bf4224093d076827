package plot

import (
	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// interferenceFigure shows what could have spoiled each trial: how late requests
// left, and what else the machine did.
func interferenceFigure(s *summary.Summary, sz size) []Figure {
	percent := func(v float64) string { return units.TickNumber(v) + " %" }
	limit := "a trial above is excluded"
	if !s.Compared() { // nothing can be measured again in its place: it counts, with a warning
		limit = "a trial above is disturbed"
	}
	panels := trialPanels(s, sz, []trialPanel{
		{title: "send lag P99 (log)", value: s.SendLag, unit: unitMillis, tick: units.TickMilliseconds, log: true},
		{title: "CPU taken by other programs", value: func(t *bench.Trial) (float64, bool) {
			return 100 * t.Machine.Foreign, t.Machine.Known
		}, unit: unitPercent, tick: percent, limit: 100 * bench.MaxForeignShare, words: limit},
		{title: "CPU taken by the hypervisor", value: func(t *bench.Trial) (float64, bool) {
			return 100 * t.Machine.Steal, t.Machine.Known
		}, unit: unitPercent, tick: percent, limit: 100 * bench.MaxStealShare, words: limit},
	})
	if len(panels) == 0 {
		return nil
	}
	return []Figure{{
		Name:  "interference",
		Title: "Send lag and the machine, trial by trial",
		Caption: "Send lag is how long after its intended start a request left; the worst operation's P99. Shares " +
			"are of all cores. Grey: trials that do not count (warm-up, or excluded by itself or with its pair).",
		size:    sz,
		Columns: "three",
		panels:  panels,
		key:     versionKey(s, sz),
	}}
}
