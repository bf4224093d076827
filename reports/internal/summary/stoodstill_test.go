package summary_test

import (
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/reports/internal/fixture"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

// A generator that something stopped is mended by neither a lower rate nor a quieter machine.
func TestWhatStoppedTheGeneratorIsLookedFor(t *testing.T) {
	r := fixture.Situations()["invalid"]
	for i := range r.Run.Trials {
		r.Run.Trials[i].Excluded = []string{"the generator stood still for 3.0 s"}
		r.Run.Trials[i].Strain.StoodStill = 3e9
	}
	steps := strings.Join(summary.NextSteps(summary.Of(r)), "\n")
	if !strings.Contains(steps, "find what stopped the generator") || strings.Contains(steps, "free the machine") ||
		strings.Contains(steps, "lower the rate") {
		t.Errorf("what to do:\n%s", steps)
	}
}
