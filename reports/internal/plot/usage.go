package plot

import (
	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// usageFigure shows what server and database spent in each trial, where that is known.
func usageFigure(s *summary.Summary, sz size) []Figure {
	server := func(t *bench.Trial) bench.Usage { return t.Server }
	database := func(t *bench.Trial) bench.Usage { return t.Database }
	mebibytes := func(v float64) string { return units.TickNumber(v) + " MiB" }
	panels := trialPanels(s, sz, []trialPanel{
		{title: "server CPU, cores", value: summary.Cores(server), tick: units.TickNumber},
		{title: "server CPU per request", value: summary.CpuPerRequest(server), unit: unitMillis,
			tick: units.TickMilliseconds},
		{title: "server peak memory", value: summary.PeakMemory(server), unit: unitMiB, tick: mebibytes},
		{title: "server heap", value: summary.Heap, unit: unitMiB, tick: mebibytes},
		{title: "server goroutines", value: summary.Goroutines, tick: units.TickNumber},
		{title: "database CPU, cores", value: summary.Cores(database), tick: units.TickNumber},
		{title: "database CPU per request", value: summary.CpuPerRequest(database), unit: unitMillis,
			tick: units.TickMilliseconds},
		{title: "database peak memory", value: summary.PeakMemory(database), unit: unitMiB, tick: mebibytes},
		{title: "database statements per request", value: summary.StatementsPerRequest, tick: units.TickNumber},
	})
	if len(panels) == 0 {
		return nil
	}
	return []Figure{{
		Name:  "usage",
		Title: "What server and database spent, trial by trial",
		Caption: "CPU time of their processes over the trial: in cores, and divided by the requests sent. Heap and " +
			"goroutines were read when the load had just ended. Panels without data are left out. All axes begin at 0.",
		size:    sz,
		Columns: "three",
		panels:  panels,
		key:     versionKey(s, sz),
	}}
}
