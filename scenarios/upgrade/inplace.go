package upgrade

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/oauthbench/oauthbench/internal/digits"
)

// inPlace watches the answers of blue while its own database is migrated under it.
func (r *Rehearsal) inPlace(ctx context.Context) error {
	var tokens []string
	for range max(r.Twins, 3) {
		g, err := r.Blue.Issue(ctx, r.client, newSubject(r, "watched in place"))
		if err != nil {
			return err
		}
		tokens = append(tokens, g.Access)
	}
	ended := make(chan error, 1)
	go func() { ended <- r.Upgrade.InPlace(ctx) }()
	of, wrong, failed, first := 0, 0, 0, ""
	begun := clockOf(r)
	ask := func() {
		for _, token := range tokens {
			of++
			active, err := r.Blue.Active(ctx, token)
			switch {
			case err != nil:
				failed++
			case !active:
				wrong++
			default:
				continue
			}
			if first == "" {
				first = clockOf(r).Sub(begun).Round(100 * time.Millisecond).String()
			}
		}
	}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	refreshing, stopRefreshing := context.WithCancel(ctx)
	defer stopRefreshing()
	slowest := make(chan waited, 1)
	go func() { slowest <- refreshOld(refreshing, r) }()
	var err error
	for done := false; !done; {
		select {
		case err = <-ended:
			done = true
		case <-tick.C:
		}
		ask()
	}
	stopRefreshing()
	refreshed := <-slowest
	of, failed = of+refreshed.of, failed+refreshed.failed
	if _, refused := r.Blue.IssueOwn(ctx, r.client); refused != nil {
		failed++
		of++
	}
	if failed := (*MigrationFailed)(nil); errors.As(err, &failed) {
		r.found = append(r.found, Finding{Name: FoundInPlaceFails, Of: 1, Wrong: 1, Note: true, Text: Brief(failed),
			Cure: "under a version that serves the migration need not even end: stop it first, or go blue-green"})
	} else if err != nil {
		return err
	}
	if wrong+failed > 0 {
		r.found = append(r.found, Finding{Name: FoundInPlace, Of: of, Wrong: wrong + failed, Note: true,
			Text: fmt.Sprintf("in place, the old version called valid tokens inactive in %d of %d answers with "+
				"status 200, and failed in %d; first after %s", wrong, of, failed, first),
			Cure: "do not migrate under a version that serves, and watch answers, not status codes: " +
				"stop it first, or go blue-green"})
	} else if err == nil {
		r.found = append(r.found, Finding{Name: FoundUndisturbed, Of: of, Note: true,
			Text: fmt.Sprintf("in place, the old version gave %s of %d while its database was "+
				"migrated and "+
				"after; its oldest sessions were refreshed %s, the slowest in %s", digits.Count(of, "right answer"), of,
				digits.Count(refreshed.of, "time"),
				refreshed.slowest.Round(10*time.Millisecond))})
	}
	return rowsInPlace(ctx, r)
}

// waited is how often old sessions were refreshed, and how long the slowest took.
type waited struct {
	of, failed int
	slowest    time.Duration
}

// refreshOld refreshes the oldest sessions of blue in turn until it is stopped: a migration that writes
// their rows has them wait, and begins with the oldest.
func refreshOld(ctx context.Context, r *Rehearsal) (w waited) {
	var all []*session
	for _, s := range allSessions(r) {
		if s.Sort == kept && s.Origin == Blue && s.Known == BeforeCopy && len(all) < oldest {
			all = append(all, s)
		}
	}
	chains := make([]string, len(all))
	for i, s := range all {
		chains[i] = s.Grant.Refresh
	}
	for i := 0; len(all) > 0 && ctx.Err() == nil; i = (i + 1) % len(all) {
		begun := clockOf(r)
		next, err := r.Blue.Refresh(context.WithoutCancel(ctx), all[i].Client, chains[i])
		w.slowest = max(w.slowest, clockOf(r).Sub(begun))
		w.of++
		if err != nil {
			w.failed++
			return w // its chain may be broken: what follows says nothing
		}
		chains[i] = next.Refresh
		if sleep(ctx, 50*time.Millisecond) != nil {
			break
		}
	}
	return w
}

// oldest is how many of the oldest sessions are refreshed while the database is migrated in place.
const oldest = 3

// rowsInPlace has blue issue on its migrated database, and looks at the rows then.
func rowsInPlace(ctx context.Context, r *Rehearsal) error {
	if r.Upgrade.InPlaceRows == nil {
		return nil
	}
	for range max(r.Twins, 3) {
		if _, err := r.Blue.Issue(ctx, r.client, newSubject(r, "issued in place")); err != nil {
			return nil // which is told already
		}
	}
	checks, err := r.Upgrade.InPlaceRows(ctx)
	for _, f := range ofChecks(checks) {
		f.Note = true
		f.Text = "in place, under the old version that goes on: " + f.Text
		r.found = append(r.found, f)
	}
	return err
}
