package reports

import (
	"time"

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
		key:     s.versionKey(sz),
	}}
}

// cores is the mean number of cores kept busy.
func cores(of func(*bench.Trial) bench.Usage) func(*bench.Trial) (float64, bool) {
	return func(t *bench.Trial) (float64, bool) {
		return of(t).CPU.Seconds() / t.Elapsed.Seconds(), of(t).Known && t.Elapsed > 0
	}
}

// cpuPerRequest is CPU time for one request, in milliseconds.
func cpuPerRequest(of func(*bench.Trial) bench.Usage) func(*bench.Trial) (float64, bool) {
	return func(t *bench.Trial) (float64, bool) {
		return float64(of(t).CPU) / float64(time.Millisecond) / float64(t.Sent), of(t).Known && t.Sent > 0
	}
}

// peakMemory is in mebibytes.
func peakMemory(of func(*bench.Trial) bench.Usage) func(*bench.Trial) (float64, bool) {
	return func(t *bench.Trial) (float64, bool) {
		return float64(of(t).PeakRSS) / (1 << 20), of(t).Known && of(t).PeakRSS > 0
	}
}

// heap is in mebibytes, read when the trial's load had just ended.
func heap(t *bench.Trial) (float64, bool) {
	if t.Runtime == nil {
		return 0, false
	}
	return float64(t.Runtime.Heap) / (1 << 20), t.Runtime.Heap > 0
}

func goroutines(t *bench.Trial) (float64, bool) {
	if t.Runtime == nil {
		return 0, false
	}
	return float64(t.Runtime.Goroutines), t.Runtime.Goroutines > 0
}

func statementsPerRequest(t *bench.Trial) (float64, bool) {
	if t.Counters == nil || len(t.Counters.Statements) == 0 || t.Sent == 0 {
		return 0, false
	}
	return float64(t.Counters.Calls()) / float64(t.Sent), true
}
