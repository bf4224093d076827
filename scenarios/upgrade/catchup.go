package upgrade

import (
	"context"
	"time"
)

// catchUpMargin is how long before the copy began rows may have been made that it does not have:
// a server dates them before it commits them.
const catchUpMargin = time.Minute

// FoundForgotten says that the catch-up left something out.
const FoundForgotten = "left out by the catch-up"

// catchUp inserts into green what blue has written since the copy began. What blue has revoked is
// not there any more, or not active; what green has already stays as it is.
func catchUp(ctx context.Context, r *Rehearsal) error {
	rows, err := r.Upgrade.CatchUp(ctx, r.began.Add(-catchUpMargin))
	r.caughtUp += rows
	return err
}

// judgeCatchUp makes a fault of what is lost though it was to be caught up.
func judgeCatchUp(found []Finding) {
	for i, f := range found {
		if f.Name == FoundWindow {
			found[i].Name, found[i].Note = FoundForgotten, false
			found[i].Cure = "blue's rows were inserted into green: look at which kind of token is missing, and " +
				"at its rows"
		}
	}
}
