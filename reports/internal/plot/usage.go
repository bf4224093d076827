package plot

import (
	"oauthbench/bench"
)

// usageFigure shows what server and database spent in each trial, where that is known.
func usageFigure(s *summary, sz size) []figure {
	server := func(t *bench.Trial) bench.Usage { return t.Server }
	database := func(t *bench.Trial) bench.Usage { return t.Database }
	mebibytes := func(v float64) string { return tickNumber(v) + " MiB" }
	panels := trialPanels(s, sz, []trialPanel{
		{title: "server CPU, cores", value: cores(server), tick: tickNumber},
		{title: "server CPU per request", value: cpuPerRequest(server), unit: unitMillis, tick: tickMilliseconds},
		{title: "server peak memory", value: peakMemory(server), unit: unitMiB, tick: mebibytes},
		{title: "server Go heap", value: heap, unit: unitMiB, tick: mebibytes},
		{title: "server goroutines", value: goroutines, tick: tickNumber},
		{title: "database CPU, cores", value: cores(database), tick: tickNumber},
		{title: "database CPU per request", value: cpuPerRequest(database), unit: unitMillis, tick: tickMilliseconds},
		{title: "database peak memory", value: peakMemory(database), unit: unitMiB, tick: mebibytes},
		{title: "database statements per request", value: statementsPerRequest, tick: tickNumber},
	})
	if len(panels) == 0 {
		return nil
	}
	return []figure{{
		name:    "usage",
		title:   "What server and database spent, trial by trial",
		caption: "CPU time of their processes over the trial: in cores, and divided by the requests sent. Heap and goroutines were read when the load had just ended. Panels without data are left out. All axes begin at 0.",
		size:    sz,
		columns: "three",
		panels:  panels,
		key:     versionKey(s, sz),
	}}
}
