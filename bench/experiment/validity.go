package experiment

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench"
)

// Limits of trials beside those that bench has.
const (
	maxUnsentShare = 0.01 // of all arrivals
	maxClockStep   = 50 * time.Millisecond
)

// exclude lists why the trial must not count; limits are those of this machine that its verification ran
// into. The texts hold no measured figures but one, so
// that trials excluded on the same ground read the same; the others are in Machine.
func exclude(t *bench.Trial, limits ...string) {
	add := func(format string, args ...any) { t.Excluded = append(t.Excluded, fmt.Sprintf(format, args...)) }
	if m := t.Machine; m.Known {
		if m.Foreign > bench.MaxForeignShare {
			add("other programs used more than %.0f %% of the machine", 100*bench.MaxForeignShare)
		}
		if m.Steal > bench.MaxStealShare {
			add("the hypervisor took more than %.0f %% of the machine", 100*bench.MaxStealShare)
		}
	}
	if t.Machine.ClockStep.Abs() > maxClockStep {
		add("the clock was set, or the machine slept")
	}
	processors := float64(max(t.Tuning.Processors, 1))
	if t.Elapsed > 0 && t.Generator.CPU.Seconds()/t.Elapsed.Seconds() > bench.MaxGeneratorShare*processors {
		add("the generator itself used more than %.0f %% of its processors", 100*bench.MaxGeneratorShare)
	}
	if t.Strain.StoodStill > 0 {
		add("the generator stood still for %.1f s", t.Strain.StoodStill.Seconds())
	}
	for _, limit := range ownLimits {
		if t.Cases(limit.name) > 0 || slices.Contains(limits, limit.why) {
			add("%s", limit.why)
		}
	}
	if unsent := t.Planned - t.Sent - t.Dropped; float64(unsent) > maxUnsentShare*float64(t.Planned) {
		add("more than %.0f %% of the arrivals were never sent", 100*maxUnsentShare)
	}
}

// exhausted tells whether arrivals had to wait for a worker.
func exhausted(t *bench.Trial) bool {
	workers := t.Load.Workers
	if workers == 0 {
		workers = bench.DefaultMaxWorkers
	}
	return t.Strain.InFlight > int64(workers) || t.Dropped > 0
}

// warn notes what does not exclude the trial but must be known beside its figures.
func warn(t *bench.Trial) {
	const begin = 20 // connections that a load may need to begin with
	if made := t.Connects.Made; made > begin && made*20 > t.Sent {
		t.Warnings = append(t.Warnings,
			"more than 5 % of the requests had a new connection made for them; response times contain that")
	}
	switch {
	case t.Dropped > 0:
		t.Warnings = append(t.Warnings,
			"arrivals due while all workers were busy were not sent and count as timeouts (catch-up none)")
	case exhausted(t):
		t.Warnings = append(t.Warnings, "arrivals due while all workers were busy waited and were sent as soon as "+
			"workers were free, above the offered rate (catch-up burst)")
	}
	if t.Elapsed > 0 && t.Compilers.CPU.Seconds()/t.Elapsed.Seconds() > bench.MaxCompilers {
		t.Warnings = append(t.Warnings, fmt.Sprintf("the server's just-in-time compilers took more than %.2f cores: "+
			"it was still getting faster", bench.MaxCompilers))
	}
	for _, g := range t.Gaps {
		t.Warnings = append(t.Warnings, gapWords(g))
	}
	for _, m := range t.Measurements {
		if n := m.Response.OutOfRange() + m.Service.OutOfRange() + m.SendLag.OutOfRange(); n > 0 {
			t.Warnings = append(t.Warnings, fmt.Sprintf("%s: %d times outside 0 to 1 h", m.Operation, n))
		}
		if m.Response.Count() == 0 {
			continue
		}
		if m.SendLag.Quantile(.99) > max(time.Millisecond, m.Response.Quantile(.5)/4) {
			t.Warnings = append(t.Warnings,
				m.Operation+": P99 of send lag above 1 ms and a quarter of the median; response times contain it")
		}
	}
}

// gapWords says when a gap was and what it cost.
func gapWords(g bench.Gap) string {
	until := fmt.Sprintf("until %.1f s", (g.At + g.Length).Seconds())
	if !g.Back {
		until = "until its end"
	}
	return fmt.Sprintf("no answer to %s was right from %.1f s of the trial %s: %d arrivals failed (%s)",
		strings.Join(g.Operations, ", "), g.At.Seconds(), until, g.Outcomes.Failed(), outcomeWords(g.Outcomes))
}

func outcomeWords(o bench.Outcomes) string {
	var words []string
	for _, c := range []struct {
		n    int64
		what string
	}{{o.Rejected, "rejected"}, {o.Timeout, "timed out"}, {o.Unreachable, "unreachable"}} {
		if c.n > 0 {
			words = append(words, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	return strings.Join(words, ", ")
}
