package upgrade

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/oauthbench/oauthbench/scenarios/upgrade/journal"
)

// actInWindow does at blue what the copy cannot know.
func actInWindow(ctx context.Context, r *Rehearsal) error {
	if err := r.act(ctx, InWindow); err != nil {
		return err
	}
	if r.Upgrade.Witness != nil {
		if err := actUnseen(ctx, r); err != nil {
			return err
		}
	}
	if err := errors.Join(replaceSecrets(ctx, r), replaceRights(ctx, r)); err != nil {
		return err
	}
	for range r.Twins {
		for _, sort := range []string{kept, ownKept} {
			s, err := r.make(ctx, sort, r.client, InWindow)
			if err != nil {
				return err
			}
			s.Asks = []Phase{AfterSwitch}
		}
	}
	return nil
}

// byReuse and byStranger are how sessions end that the journal at the front does not know of.
const (
	byReuse    = "killed by a second use"
	byStranger = "revoked around the front"
)

// actUnseen does at blue what a journal at the front cannot know: it uses refresh tokens a second
// time, for which blue may kill their chains, and revokes tokens around the front.
func actUnseen(ctx context.Context, r *Rehearsal) error {
	for _, s := range allSessions(r) {
		if s.Access == 0 || r.ledger.Item(s.Access).Expect == Dead { // or a run before this one did it
			continue
		}
		var err error
		switch s.Sort {
		case reusedInWindow:
			err = reuse(ctx, r, s)
		case asideInWindow:
			err = r.Blue.RevokeToken(ctx, s.Client, s.Grant.Refresh)
			if err == nil {
				r.ledger.Ended(s.Access, byStranger, InWindow)
				r.ledger.Ended(s.Refresh, byStranger, InWindow)
			}
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.Sort, err)
		}
	}
	return nil
}

// reuse uses the refresh token again that a session had before, through the front, which writes down
// what is asked and not what comes of it. The old version is the measure: where its chain lives on, it
// must live at green.
func reuse(ctx context.Context, r *Rehearsal, s *session) error {
	number, err := journalled(r, Blue, journal.Entry{
		Act: journal.Rotate, Client: s.Client.ID, Secret: s.Client.Secret, Token: s.Spent, Subject: s.Subject})
	if err != nil {
		return err
	}
	if _, err := r.Blue.Refresh(ctx, s.Client, s.Spent); err == nil {
		s.Access, s.Refresh = 0, 0 // It was granted, and nobody knows what that makes of the others.
		return nil
	}
	killed := false
	for _, one := range []struct {
		item  int
		token string
	}{{s.Access, s.Grant.Access}, {s.Refresh, s.Grant.Refresh}} {
		active, err := r.Blue.Active(ctx, one.token)
		if err != nil {
			return fmt.Errorf("introspect: %w", err)
		}
		if !active {
			r.ledger.Ended(one.item, byReuse, InWindow)
			killed = true
		}
	}
	if !killed {
		return unjournal(r, number)
	}
	return nil
}

// byReplacing is how a client's secret or right ends.
const byReplacing = "replaced"

// makeClients makes clients whose secrets and rights are replaced in the window, where there is one.
func makeClients(ctx context.Context, r *Rehearsal) error {
	for range r.Twins {
		c, err := r.Blue.Register(ctx)
		if err != nil {
			return fmt.Errorf("register: %w", err)
		}
		addOf(r, ClientSecret, ofClient{Client: c}, BeforeCopy)
		for _, right := range r.Blue.Rights() {
			if c, err = r.Blue.Register(ctx); err != nil {
				return fmt.Errorf("register: %w", err)
			}
			err = r.Blue.SetRight(ctx, c, right.Before)
			if errors.Is(err, errors.ErrUnsupported) {
				continue
			}
			if err != nil {
				return fmt.Errorf("give a client a right (%s): %w", right.Name, err)
			}
			addOf(r, ClientRight(right.Name), ofClient{c, right.Before}, BeforeCopy)
		}
	}
	return nil
}

func addOf(r *Rehearsal, kind Kind, of ofClient, made Phase) {
	text, _ := json.Marshal(of) // strings alone: it cannot fail
	r.things = append(r.things, &thing{kind, string(text), r.ledger.Made(kind, made), AfterSwitch, clockOf(r)})
}

// replaceable are the things of a kind that blue is to replace in the window.
func replaceable(r *Rehearsal, kind Kind) (all []*thing) {
	for _, t := range r.things {
		item := r.ledger.Item(t.Item)
		if t.Kind == kind && item.Expect == Live && item.Made == BeforeCopy {
			all = append(all, t)
		}
	}
	return all
}

// replaceRights takes a right from clients at blue and gives them another, journalled: green must refuse the one and
// grant the other.
func replaceRights(ctx context.Context, r *Rehearsal) error {
	for _, right := range r.Blue.Rights() {
		kind := ClientRight(right.Name)
		for _, t := range replaceable(r, kind) {
			of := t.read()
			_, err := journalled(r, Blue, journal.Entry{Act: journal.SetRight, Client: of.ID, Right: right.Later})
			if err != nil {
				return err
			}
			if err := r.Blue.SetRight(ctx, of.Client, right.Later); err != nil {
				return fmt.Errorf("replace a right (%s): %w", right.Name, err)
			}
			r.ledger.Ended(t.Item, byReplacing, InWindow)
			addOf(r, kind, ofClient{of.Client, right.Later}, InWindow)
		}
	}
	return nil
}

// replaceSecrets gives clients other secrets at blue, journalled: green must take the new one and refuse
// the old. Where a server has no such door the old one stays good.
func replaceSecrets(ctx context.Context, r *Rehearsal) error {
	for _, t := range replaceable(r, ClientSecret) {
		next := Client{t.read().ID, rand.Text()}
		number, err := journalled(r, Blue, journal.Entry{Act: journal.SetSecret, Client: next.ID, Secret: next.Secret})
		if err != nil {
			return err
		}
		err = r.Blue.SetSecret(ctx, next)
		if errors.Is(err, errors.ErrUnsupported) {
			if err := unjournal(r, number); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("replace a secret: %w", err)
		}
		r.ledger.Ended(t.Item, byReplacing, InWindow)
		addOf(r, ClientSecret, ofClient{Client: next}, InWindow)
	}
	return nil
}

// witness begins to watch blue's rows, right before the copy.
func witness(ctx context.Context, r *Rehearsal) error {
	err := r.Upgrade.Witness.Begin(ctx)
	r.watched = clockOf(r)
	return err
}

// replayWitnessed does at green what blue's rows tell and the journal does not, or cannot do.
func replayWitnessed(ctx context.Context, r *Rehearsal) error {
	by := r.Upgrade.Witness
	if by == nil {
		return nil
	}
	changes, err := by.Changes(ctx)
	if err != nil {
		return fmt.Errorf("read what blue's rows tell: %w", err)
	}
	ends := endsOf(changes)
	w, missed := compared(ends, r.Journal.Entries(), r.watched, by.Marks)
	for _, end := range append(missed, underTheCopy(ends, r.copied)...) {
		if err := retried(ctx, func() error { return by.Replay(ctx, end) }); err != nil {
			return fmt.Errorf("replay what blue's rows tell: %w", err)
		}
	}
	r.witnessed = &w
	return nil
}

// toGreen sends everything to green. All arrivals are held until green knows what blue knows: the
// rest of the journal, of what blue's rows tell, and of its new rows where they are caught up. In
// between green knows of no session that blue has ended, and once arrivals go on blue is told
// nothing any more, so that no row of it can bring back what green ends.
func toGreen(ctx context.Context, r *Rehearsal) error {
	if r.wentBack {
		return nil
	}
	// Most of the journal goes before arrivals are held, so that they are held for the rest alone.
	if err := replayJournal(ctx, r); err != nil {
		return err
	}
	if r.load != nil {
		r.load.hold()
		defer r.load.release()
	}
	if err := errors.Join(replayJournal(ctx, r), replayWitnessed(ctx, r)); err != nil {
		return err
	}
	if r.Upgrade.CatchUp != nil {
		if err := catchUp(ctx, r); err != nil {
			return err
		}
	}
	r.phase.set(AfterSwitch)
	allToGreen(r)
	return nil
}
