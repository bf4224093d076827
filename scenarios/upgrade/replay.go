package upgrade

import (
	"context"
	"fmt"
	"hash/fnv"
	"time"
)

// Replays of one grant keep their order, so that each grant has one of the workers.
const replayers = 4

// replayTries is how often an entry is tried that green refuses.
const replayTries = 3

// replayPause is how long it waits before it tries again.
const replayPause = 200 * time.Millisecond

// replayJournal does at green what blue did after the copy. What ended a grant or used a
// refresh token is replayed by token: a migration may lose whose consent a session is, and of a
// session that was refreshed blue alone knows the new tokens, so that it ends. Green's
// success proves nothing: the ledger does.
func (r *Rehearsal) replayJournal(ctx context.Context) error {
	lanes := make([][]Entry, replayers)
	for _, entry := range r.Journal.Pending() {
		h := fnv.New32a()
		h.Write([]byte(entry.Subject))
		lane := h.Sum32() % replayers
		lanes[lane] = append(lanes[lane], entry)
	}
	return each(ctx, replayers, lanes, func(ctx context.Context, lane []Entry) error {
		for _, entry := range lane {
			if err := r.replayOne(ctx, entry); err != nil {
				return fmt.Errorf("entry %d: %w", entry.Number, err)
			}
		}
		return nil
	})
}

func (r *Rehearsal) replayOne(ctx context.Context, entry Entry) error {
	do := r.Replay
	if do == nil {
		do = Replay
	}
	var err error
	for try := range replayTries {
		if try > 0 {
			if err := sleep(ctx, replayPause); err != nil {
				return err
			}
		}
		if err = do(ctx, r.green, entry); err == nil {
			break
		}
	}
	if err != nil {
		return err
	}
	if err := r.Journal.Replayed(entry.Number); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.replay.replayed++
	return nil
}

// Replay does one entry at green.
func Replay(ctx context.Context, green Side, entry Entry) error {
	if entry.Act == DeleteClient {
		return ask(ctx, green, entry)
	}
	return green.RevokeToken(ctx, Client{entry.Client, entry.Secret}, entry.Token)
}
