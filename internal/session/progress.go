package session

import (
	"fmt"
	"strings"
	"time"

	"oauthbench/bench/experiment"
)

// describe makes the progress line of running trials; "" before the first.
func describe(progress *experiment.Progress, planned int, expected time.Duration,
	steps func() (done, total int64)) (line func() string) {
	began := time.Now()
	return func() string {
		now := progress.Now()
		if now.Counters == nil {
			return ""
		}
		what := fmt.Sprintf("trial %d of %d", now.Done+1, max(planned, now.Done+1))
		left := ""
		if expected > 0 {
			what = bar(min(time.Since(began).Seconds()/expected.Seconds(), 1), 16) + " " + what
			left = "  " + clock(expected-time.Since(began)) + " left"
		}
		if now.Slot.Warmup {
			what += " warm-up"
		}
		if now.Stage != "measuring" {
			done, total := steps()
			return fmt.Sprintf("%s  %s  %s, %d of %d steps%s", what, now.Deployment, now.Stage, done, total, left)
		}
		return fmt.Sprintf("%s  %s  %s  %d of %d answered, %d not as expected%s",
			what, now.Deployment, now.Stage, now.Counters.Ended(), now.Planned, now.Counters.Failed(), left)
	}
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
