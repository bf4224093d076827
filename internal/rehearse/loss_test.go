package rehearse

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/scenarios/upgrade"
)

// The share that is lost is that of sessions which are refreshed in the window: counted over
// sessions whose refreshes begin anywhere.
func TestLossesAreThoseOfRefreshes(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const window, sessions = 40 * time.Minute, 20_000
	for _, l := range losses(window) {
		lost := 0
		for range sessions {
			if first := time.Duration(random.Int64N(int64(l.Lifetime))); first < window {
				lost++
			}
		}
		if got := float64(lost) / sessions; math.Abs(got-l.Share) > 0.02 {
			t.Errorf("lifetime %s: %g; counted %g", l.Lifetime, l.Share, got)
		}
	}
}

// The window is from the beginning of the copy to the end of the switch, and there is none without.
func TestCurves(t *testing.T) {
	begun := time.Unix(1000, 0)
	report := made()
	if got := curves(report); got != nil {
		t.Errorf("without a copy: %+v", got)
	}
	report.Steps = []upgrade.Step{{Name: upgrade.CopyStep, Began: begun, Took: time.Second},
		{Name: upgrade.SwitchStep, Began: begun.Add(29 * time.Second), Took: time.Second}}
	got := curves(report)
	if len(got) != 2 || got[0].Window != 30*time.Second || got[0].Losses[0].Share != 0.1 ||
		got[1].Window < got[0].Window {
		t.Errorf("curves = %+v; want one of 30 s and that of the projection", got)
	}
}
