package runs

import (
	"slices"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
)

// ShouldStop asks after the pilot epochs whether more can help, and at a planned look
// whether more are needed. The reasons are stored with the run: an hour that ends in
// "cannot tell" is worth less than the sentence that says so now.
func ShouldStop(run *bench.Run, epochs int) (stop bool, why []string) {
	in, err := Input(run)
	if err != nil || in.Profile.Unit != verdict.UnitEpoch {
		return false, nil // What is wrong with the input, the verdict will say.
	}
	in.Interrupted = false // It has no end yet.
	if epochs == verdict.PilotUnits {
		// What is wrong with the input, the verdict will say.
		if why, err := verdict.Pilot(in); err == nil && len(why) > 0 {
			return true, why
		}
	}
	look := slices.Index(in.Profile.Looks, epochs)
	if look < 0 {
		return false, nil
	}
	stop, _, err = verdict.Look(in, look)
	return err == nil && stop, nil
}
