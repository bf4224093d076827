package session

import (
	"fmt"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/experiment"
)

// describe says how far trials are that take about so long together; planned and expected
// are 0 when they are not known.
func describe(progress *experiment.Progress, planned int, expected time.Duration,
	steps func() (done, total int64)) Activity {
	began := time.Now()
	a := Activity{Trials: progress, Planned: planned}
	if expected > 0 {
		a.Left = func() time.Duration { return max(0, expected-time.Since(began)) }
	}
	a.Line = func() string {
		now := progress.Now()
		if now.Counters == nil {
			return ""
		}
		return strings.Join(append(inBrief(a, progress, expected), detail(now, steps)), "  ")
	}
	return a
}

// inBrief is what matters of a run under way, within 80 columns: its share, the time that is
// left, what failed, and P95 so far of each version.
func inBrief(a Activity, progress *experiment.Progress, expected time.Duration) []string {
	now := progress.Now()
	what := fmt.Sprintf("trial %d of %d", now.Done+1, max(a.Planned, now.Done+1))
	if now.Slot.Warmup {
		what = "warm-up, " + what[len("trial "):]
	}
	parts := []string{what}
	if a.Left != nil {
		parts[0] = bar(1-a.Left().Seconds()/expected.Seconds(), 10) + " " + what
		parts = append(parts, clock(a.Left())+" left")
	}
	parts = append(parts, fmt.Sprintf("%d failed", progress.Failed()))
	var p95 []string
	for _, role := range []bench.Role{bench.Baseline, bench.Candidate} {
		if d := progress.SoFar(role, .95); d > 0 {
			p95 = append(p95, brief(d))
		}
	}
	if p95 != nil {
		parts = append(parts, "P95 "+strings.Join(p95, " -> "))
	}
	return parts
}

// What goes on between trials.
const (
	starting  = "starting afresh"
	burningIn = "burning in"
	compiling = "waiting for compilers"
)

// detail is what goes on within a trial, or before the next one.
func detail(now experiment.Status, steps func() (done, total int64)) string {
	who := now.Deployment
	if now.Purpose != "" {
		who += "  " + now.Purpose
	}
	switch now.Stage {
	case "measuring":
		return fmt.Sprintf("%s  %s, %d of %d answered", who, now.Stage, now.Counters.Ended(), now.Planned)
	case starting, burningIn, compiling:
		return strings.TrimSpace(who + "  " + now.Stage)
	}
	done, total := steps()
	return fmt.Sprintf("%s  %s, %d of %d steps", who, now.Stage, done, total)
}

// brief writes a response time with three digits.
func brief(d time.Duration) string {
	switch {
	case d >= time.Second:
		return fmt.Sprintf("%.3g s", d.Seconds())
	case d >= time.Millisecond:
		return fmt.Sprintf("%.3g ms", float64(d)/float64(time.Millisecond))
	}
	return fmt.Sprintf("%.3g µs", float64(d)/float64(time.Microsecond))
}

// preparing is a preparation that no trial has begun for. Steps that were taken before
// do not count.
func preparing(steps func() (done, total int64)) Activity {
	began := time.Now()
	before, _ := steps()
	return Activity{Line: func() string {
		done, total := steps()
		if done == total {
			return ""
		}
		return fmt.Sprintf("preparing, %d of %d steps  %s", done-before, total-before, clock(time.Since(began)))
	}}
}

// bar is a progress bar of n cells for a share in [0,1].
func bar(share float64, n int) string {
	full := min(max(int(share*float64(n)+0.5), 0), n)
	return "[" + strings.Repeat("#", full) + strings.Repeat(".", n-full) + "]"
}

// clock writes a duration as minutes and seconds.
func clock(d time.Duration) string {
	s := int(max(d, 0).Round(time.Second).Seconds())
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
