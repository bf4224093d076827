package stack

import (
	"slices"
	"testing"

	"github.com/moby/moby/api/types/container"

	"github.com/oauthbench/oauthbench/bench"
)

// A full disk counts before what follows from it, with the last line that tells of it; a container that
// runs and has not lost a process has nothing wrong with it, whatever else it logs.
func TestCauseOf(t *testing.T) {
	const full = "PANIC: could not write to file: No space left on device"
	for what, c := range map[string]struct {
		state container.State
		log   string
		want  bench.Cause
	}{
		"healthy": {container.State{Running: true}, "ERROR: a duplicate key", bench.Cause{}},
		"ended": {container.State{ExitCode: 3}, "one\ntwo",
			bench.Cause{Ailment: bench.Ended, ExitCode: 3, Log: "two"}},
		"ended without a word": {container.State{ExitCode: 1}, "", bench.Cause{Ailment: bench.Ended, ExitCode: 1}},
		"killed for memory": {container.State{OOMKilled: true, ExitCode: 137}, "x",
			bench.Cause{Ailment: bench.NoMemory, Log: "x"}},
		"lost a process": {container.State{OOMKilled: true, Running: true}, "x",
			bench.Cause{Ailment: bench.LostMemory, Log: "x"}},
		"a full disk": {container.State{Running: true}, full + " 1\n" + full + " 2\nSTATEMENT: INSERT",
			bench.Cause{Ailment: bench.DiskFull, Log: full + " 2"}},
		"and then its end": {container.State{ExitCode: 2}, full + "\nserver closed",
			bench.Cause{Ailment: bench.DiskFull, Log: full}},
	} {
		if got, wrong := causeOf(&c.state, c.log); wrong != (c.want.Ailment != "") || wrong && got != c.want {
			t.Errorf("%s: %+v, %v; want %+v", what, got, wrong, c.want)
		}
	}
}

// A server that logs what a database without room answers has room itself; other causes stay.
func TestQuotedCausesAreLeftOut(t *testing.T) {
	server := bench.Cause{Part: roleServer, Ailment: bench.DiskFull, Log: "ERROR: no space left on device"}
	database := bench.Cause{Part: roleDatabase, Ailment: bench.DiskFull, Log: "PANIC: No space left on device"}
	ended := bench.Cause{Part: roleServer, Ailment: bench.Ended, ExitCode: 1}
	for _, c := range []struct{ all, want []bench.Cause }{
		{[]bench.Cause{server, database}, []bench.Cause{database}},
		{[]bench.Cause{server}, []bench.Cause{server}},
		{[]bench.Cause{ended, database}, []bench.Cause{ended, database}},
		{nil, nil},
	} {
		if got := withoutQuotations(slices.Clone(c.all)); !slices.Equal(got, c.want) {
			t.Errorf("of %v: %v; want %v", c.all, got, c.want)
		}
	}
}
