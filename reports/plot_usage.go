package reports

import (
	"time"

	"oauthbench/bench"
)

// usageFigure shows what the server spent in each trial, where that is known.
func usageFigure(s *summary, sz size) []figure {
	panels := trialPanels(s, sz, []trialPanel{
		{title: "server CPU, cores", value: serverCores, tick: tickNumber},
		{title: "server CPU per request", value: cpuPerRequest, tick: tickMilliseconds},
		{title: "server peak memory", value: func(t *bench.Trial) (float64, bool) {
			return float64(t.Server.PeakRSS) / (1 << 20), t.Server.Known && t.Server.PeakRSS > 0
		}, tick: func(v float64) string { return tickNumber(v) + " MiB" }},
	})
	if len(panels) == 0 {
		return nil
	}
	return []figure{{
		name:    "usage",
		title:   "What the server spent, trial by trial",
		caption: "CPU time of the server's processes over the trial: in cores, and divided by the requests sent. All axes begin at 0.",
		size:    sz,
		panels:  panels,
		key:     s.versionKey(sz),
	}}
}

// serverCores is the mean number of cores the server kept busy.
func serverCores(t *bench.Trial) (float64, bool) {
	return t.Server.CPU.Seconds() / t.Elapsed.Seconds(), t.Server.Known && t.Elapsed > 0
}

// cpuPerRequest is the server's CPU time for one request, in milliseconds.
func cpuPerRequest(t *bench.Trial) (float64, bool) {
	return float64(t.Server.CPU) / float64(time.Millisecond) / float64(t.Sent), t.Server.Known && t.Sent > 0
}
