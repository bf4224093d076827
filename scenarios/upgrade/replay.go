package upgrade

import (
	"context"
	"fmt"
	"hash/fnv"
	"time"

	"golang.org/x/time/rate"

	"github.com/oauthbench/oauthbench/scenarios/upgrade/journal"
)

// Replays of one grant keep their order, so that each grant has one of the workers.
const replayers = 4

// replayJournal does at green what blue did after the copy, entries of one grant in their order, so
// many a second as was asked for. What ended a grant or used a refresh token is replayed by token: a
// migration may lose whose consent a session is, and of a session that was refreshed blue alone knows
// the new tokens, so that it ends. Green's success proves nothing: the ledger does.
func replayJournal(ctx context.Context, r *Rehearsal) error {
	pace := paceOf(r.ReplayRate)
	for _, stretch := range stretches(r.Journal.Pending()) {
		err := each(ctx, replayers, lanes(stretch), func(ctx context.Context, lane []journal.Entry) error {
			for _, entry := range lane {
				if err := pace.Wait(ctx); err != nil {
					return err
				}
				if err := replayOne(ctx, r, entry); err != nil {
					return fmt.Errorf("entry %d: %w", entry.Number, err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// paceOf lets so many entries a second go; 0 is as many as green takes.
func paceOf(perSecond float64) *rate.Limiter {
	if perSecond == 0 {
		return rate.NewLimiter(rate.Inf, 1)
	}
	return rate.NewLimiter(rate.Limit(perSecond), 1)
}

// stretches cut entries so that what changes a client stands alone: what it has revoked before must be
// done before, for nobody can prove to be a client that is gone, or has another secret, and what it revoked
// later must come later.
func stretches(entries []journal.Entry) (all [][]journal.Entry) {
	from := 0
	for i, entry := range entries {
		if entry.Act.ChangesClient() {
			all = append(all, entries[from:i], entries[i:i+1])
			from = i + 1
		}
	}
	return append(all, entries[from:])
}

// lanes are what each worker replays, in order: all entries of a user go to one.
func lanes(entries []journal.Entry) [][]journal.Entry {
	all := make([][]journal.Entry, replayers)
	for _, entry := range entries {
		h := fnv.New32a()
		h.Write([]byte(entry.Subject))
		lane := h.Sum32() % replayers
		all[lane] = append(all[lane], entry)
	}
	return all
}

func replayOne(ctx context.Context, r *Rehearsal, entry journal.Entry) error {
	do := r.Replay
	if do == nil {
		do = Replay
	}
	err := retried(ctx, func() error { return do(ctx, r.green, entry) })
	if err == nil && r.Halves != nil && entry.Act == journal.RevokeToken && entry.At.Before(r.copied) {
		err = retried(ctx, func() error { return r.Halves(ctx, entry) })
	}
	if err != nil {
		return err
	}
	if err := r.Journal.Replayed(entry.Number, clockOf(r)); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.replay.replayed++
	return nil
}

// Replay does one entry at green through its doors.
func Replay(ctx context.Context, green Side, entry journal.Entry) error {
	if entry.Act.ChangesClient() {
		return ask(ctx, green, entry)
	}
	return green.RevokeToken(ctx, Client{entry.Client, entry.Secret}, entry.Token)
}

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
