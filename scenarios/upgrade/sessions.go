package upgrade

import (
	"context"
	"errors"
	"fmt"
)

// makeBefore makes twins of each sort at blue, and does to them what comes before the copy.
func (r *Rehearsal) makeBefore(ctx context.Context) error {
	for _, sort := range []string{
		kept, refreshedBefore, revokedBefore, tokenInWindow, consentInWindow, refreshedInWindow, tokenAfterSwitch,
		consentAfterSwitch,
	} {
		for twin := range r.Twins {
			s, err := r.make(ctx, sort, twin, BeforeCopy)
			if err != nil {
				return err
			}
			switch sort {
			case refreshedBefore:
				err = r.refresh(ctx, s, BeforeCopy)
			case revokedBefore:
				err = r.end(ctx, s, byToken, BeforeCopy)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", sort, err)
			}
		}
	}
	return nil
}

func (r *Rehearsal) make(ctx context.Context, sort string, twin int, made Phase) (*session, error) {
	s := &session{sort: sort, subject: fmt.Sprintf("%s %d, made %s", sort, twin+1, made), origin: r.to.Issue("")}
	var err error
	if s.grant, err = r.at(s.origin).Issue(ctx, s.subject); err != nil {
		return nil, fmt.Errorf("issue: %w", err)
	}
	s.access, s.refresh = r.ledger.Made(AccessToken, made), r.ledger.Made(RefreshToken, made)
	r.sessions = append(r.sessions, s)
	return s, nil
}

func (r *Rehearsal) at(p Place) Side {
	if p == Green {
		return r.green
	}
	return r.Blue
}

// refresh exchanges the refresh token of a session, which has another one then.
func (r *Rehearsal) refresh(ctx context.Context, s *session, when Phase) error {
	if _, err := r.journalled(when, Entry{Act: Rotate, Token: s.grant.Refresh, Subject: s.subject}); err != nil {
		return err
	}
	next, err := r.at(r.to.Ask(s.origin)).Refresh(ctx, s.grant.Refresh)
	if err != nil {
		return fmt.Errorf("refresh: %w", err)
	}
	s.usedRefresh, s.used, s.usedAccess = s.grant.Refresh, s.refresh, s.grant.Access
	r.ledger.Used(s.refresh, when)
	s.grant = next
	if when == BeforeCopy {
		s.refresh = r.ledger.Made(RefreshToken, when)
		return nil
	}
	// Blue alone knows the new ones, so the session cannot live on: the old access token
	// and the new tokens are lost with the window, and no question is asked about them.
	s.access, s.refresh = 0, 0
	return nil
}

// end ends a session by a door, at every side that must know.
func (r *Rehearsal) end(ctx context.Context, s *session, door string, when Phase) error {
	entry := Entry{Act: RevokeToken, Token: s.grant.Refresh, Subject: s.subject}
	if door == byConsent {
		entry.Act = RevokeConsent
	}
	number, err := r.journalled(when, entry)
	if err != nil {
		return err
	}
	for _, place := range r.to.Revoke(s.origin) {
		err := ask(ctx, r.at(place), entry)
		if errors.Is(err, errors.ErrUnsupported) && number != 0 {
			r.replay.captured-- // nothing was done, so nothing is to be replayed
			err = errors.Join(err, r.Journal.Replayed(number))
		}
		if err != nil {
			return fmt.Errorf("%s at %s: %w", door, place, err)
		}
	}
	r.ledger.Ended(s.access, door, when)
	r.ledger.Ended(s.refresh, door, when)
	return nil
}

// ask asks a side for what an entry says.
func ask(ctx context.Context, side Side, entry Entry) error {
	if entry.Act == RevokeConsent {
		return side.RevokeConsent(ctx, entry.Subject)
	}
	return side.RevokeToken(ctx, entry.Token)
}

// journalled writes an act of the window down before it is done, and gives its number;
// 0 for an act of another phase.
func (r *Rehearsal) journalled(when Phase, entry Entry) (number int, err error) {
	if when != InWindow {
		return 0, nil
	}
	entry.At = r.now()
	r.replay.captured++
	return r.Journal.Append(entry)
}

// actInWindow does at blue what the copy cannot know.
func (r *Rehearsal) actInWindow(ctx context.Context) error {
	for _, s := range r.sessions {
		var err error
		switch s.sort {
		case tokenInWindow:
			err = r.end(ctx, s, byToken, InWindow)
		case consentInWindow:
			err = r.endByConsent(ctx, s, InWindow)
		case refreshedInWindow:
			err = r.refresh(ctx, s, InWindow)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.sort, err)
		}
	}
	for twin := range r.Twins {
		if _, err := r.make(ctx, kept, twin, InWindow); err != nil {
			return err
		}
	}
	return nil
}

// endByConsent leaves a session alive where a server has no such door.
func (r *Rehearsal) endByConsent(ctx context.Context, s *session, when Phase) error {
	err := r.end(ctx, s, byConsent, when)
	if errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}

// actAfterSwitch ends sessions of blue at green, by each door.
func (r *Rehearsal) actAfterSwitch(ctx context.Context) error {
	for _, s := range r.sessions {
		var err error
		switch s.sort {
		case tokenAfterSwitch:
			err = r.end(ctx, s, byToken, AfterSwitch)
		case consentAfterSwitch:
			err = r.endByConsent(ctx, s, AfterSwitch)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.sort, err)
		}
	}
	return nil
}

// replayJournal does at green what blue did after the copy. All of it is replayed
// by token: a migration may lose whose consent a session is, and of a session that was
// refreshed blue alone knows the new tokens, so that it ends. Green's success proves nothing: the ledger does.
func (r *Rehearsal) replayJournal(ctx context.Context) error {
	for _, entry := range r.Journal.Pending() {
		if err := r.green.RevokeToken(ctx, entry.Token); err != nil {
			return fmt.Errorf("entry %d: %w", entry.Number, err)
		}
		if err := r.Journal.Replayed(entry.Number); err != nil {
			return err
		}
		r.replay.replayed++
	}
	return nil
}

// askAll asks about every token that has a place in the ledger.
func (r *Rehearsal) askAll(ctx context.Context, when Phase) error {
	for _, s := range r.sessions {
		for _, question := range []struct {
			id    int
			token string
		}{{s.access, s.grant.Access}, {s.refresh, s.grant.Refresh}, {s.used, s.usedRefresh}} {
			if question.id == 0 {
				continue
			}
			active, err := r.at(r.to.Ask(s.origin)).Active(ctx, question.token)
			if err != nil {
				return fmt.Errorf("introspect: %w", err)
			}
			state := Dead
			if active {
				state = Live
			}
			r.ledger.Found(question.id, when, state)
		}
	}
	return nil
}
