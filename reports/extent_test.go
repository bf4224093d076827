package reports

import (
	"slices"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/bench/verdict/runs"
	"github.com/oauthbench/oauthbench/reports/internal/fixture"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// The pairs of a report's first screen are those that the verdict counts, whatever became of some of them.
func TestExtentCountsThePairsOfTheVerdict(t *testing.T) {
	again := func(run *bench.Run, pair, times int) {
		for _, t := range run.Trials {
			if t.Pair == pair && t.Again == 0 {
				t.Again, t.Excluded = times, nil
				run.Trials = append(run.Trials, t)
			}
		}
	}
	disturb := func(run *bench.Run, pair int) {
		for i := range run.Trials {
			if t := &run.Trials[i]; t.Pair == pair && t.Role == bench.Candidate && t.Again == 0 {
				t.Excluded = []string{"other programs"}
			}
		}
	}
	for what, c := range map[string]struct {
		change func(*bench.Run)
		want   string
	}{
		"whole": {func(*bench.Run) {}, "12 trials in 6 pairs and 1 epoch, 5.50 s each"},
		"two measured again": {func(run *bench.Run) {
			disturb(run, 2)
			disturb(run, 4)
			again(run, 2, 1)
			again(run, 4, 1)
		}, "16 trials in 8 pairs (2 measured again) and 1 epoch, 5.50 s each; 2 pairs excluded for outside " +
			"disturbance"},
		"a death": {func(run *bench.Run) { run.Trials[3].Died = "exit status 2" },
			"12 trials in 5 pairs and 1 epoch, 5.50 s each; 1 pair lost, for a server died in it"},
		"cut off": {func(run *bench.Run) {
			run.Trials, run.End = run.Trials[:7], &bench.End{Interrupted: "signal"}
		}, "7 trials in 3 pairs and 1 epoch, 5.50 s each; 1 trial without its partner; stopped after 7 of 12 planned " +
			"trials (signal)"},
		"cut off after a repeat": {func(run *bench.Run) {
			run.Trials = run.Trials[:4]
			disturb(run, 0)
			again(run, 0, 1)
			run.End = &bench.End{Interrupted: "signal"}
		}, "6 trials in 3 pairs (1 measured again) and 1 epoch, 5.50 s each; stopped after 4 of 12 planned trials " +
			"(signal); 1 pair excluded for outside disturbance"},
		"two loads, one after the other": {func(run *bench.Run) {
			run.Loads = slices.Repeat(run.Loads, 2)
			for _, t := range slices.Clone(run.Trials) {
				t.Part = 1
				run.Trials = append(run.Trials, t)
			}
		}, "24 trials in 12 pairs and 1 epoch, 5.50 s each"},
		"a warm-up": {func(run *bench.Run) {
			run.Trials[0].Warmup, run.Trials[1].Warmup = true, true
		}, "10 trials in 5 pairs and 1 epoch, 5.50 s each; 2 more for warm-up"},
	} {
		run := fixture.Usual.Run()
		c.change(run)
		s := summary.Of(summary.Report{Run: run})
		if got := s.Extent(); got != c.want {
			t.Errorf("%s: %q; want %q", what, got, c.want)
		}
		rule := verdict.Design{Profile: verdict.Quick()}
		if err := runs.Store(&run.Header, rule, run.Operations()); err != nil {
			t.Fatal(err)
		}
		in, err := runs.Input(run)
		if err != nil {
			t.Fatal(err)
		}
		if want := " in " + units.Plural(len(in.Pairs), "pair"); !strings.Contains(s.Extent(), want) {
			t.Errorf("%s: %q, and the verdict has%s", what, s.Extent(), want)
		}
	}
}
