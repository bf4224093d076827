package upgrade

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/oauthbench/oauthbench/internal/digits"
	"github.com/oauthbench/oauthbench/scenarios/upgrade/journal"
)

// Sorts of sessions, by what happens to each.
const (
	kept              = "kept"
	ownKept           = "kept, a client's own"
	refreshedBefore   = "refreshed before the copy"
	revokedBefore     = "revoked before the copy"
	tokenInWindow     = "revoked by token in the window"
	ownInWindow       = "a client's own, revoked in the window"
	consentInWindow   = "revoked by consent in the window"
	clientInWindow    = "revoked with their client in the window"
	refreshedInWindow = "refreshed in the window"
	reusedInWindow    = "used a second time in the window"
	asideInWindow     = "revoked around the front in the window"
	tokenAfter        = "revoked by token after the switch"
	consentAfter      = "revoked by consent after the switch"
	clientAfter       = "revoked with their client after the switch"
	underLoad         = "of the load"
)

// endings say which sorts end in which phase, and by which door.
var endings = map[string]struct {
	when Phase
	door string
}{
	revokedBefore: {BeforeCopy, byToken},
	tokenInWindow: {InWindow, byToken}, ownInWindow: {InWindow, byToken},
	consentInWindow: {InWindow, byConsent}, clientInWindow: {InWindow, byClient},
	tokenAfter: {AfterSwitch, byToken}, consentAfter: {AfterSwitch, byConsent}, clientAfter: {AfterSwitch, byClient},
}

// wanted are the sorts that are made before the copy, with when each is asked about. Each
// question has twins of its own.
func wanted(r *Rehearsal) (all []session) {
	ask := func(sort string, phases ...Phase) {
		for _, p := range phases {
			all = append(all, session{Sort: sort, Asks: []Phase{p}})
		}
	}
	later := []Phase{AfterSwitch, AfterDoors}
	if r.Upgrade.CleanUp != nil {
		later = append(later, AfterCleanUp)
	}
	ask(kept, later...)
	ask(ownKept, later...)
	for _, sort := range []string{refreshedBefore, revokedBefore} {
		ask(sort, AfterSwitch)
	}
	if strategyOf(r) == BlueGreen {
		for _, sort := range []string{tokenInWindow, ownInWindow, consentInWindow, clientInWindow, refreshedInWindow} {
			ask(sort, AfterSwitch)
		}
		if r.Upgrade.Witness != nil {
			ask(reusedInWindow, AfterSwitch)
			ask(asideInWindow, AfterSwitch)
		}
		ask(tokenInWindow, BeforeReplay)
		ask(refreshedInWindow, BeforeReplay)
	}
	for _, sort := range []string{tokenAfter, consentAfter, clientAfter} {
		ask(sort, AfterDoors)
	}
	if r.Control && r.Upgrade.Restart != nil {
		for _, sort := range []string{kept, ownKept, refreshedBefore, revokedBefore} {
			ask(sort, AfterRestart)
		}
	}
	return all
}

// makeBefore makes twins of each sort at blue, and does to them what comes before the copy.
func (r *Rehearsal) makeBefore(ctx context.Context) (err error) {
	if r.client, err = r.Blue.Register(ctx); err != nil {
		return fmt.Errorf("register: %w", err)
	}
	for _, want := range wanted(r) {
		client := r.client
		if endings[want.Sort].door == byClient {
			if client, err = r.Blue.Register(ctx); err != nil {
				return fmt.Errorf("register: %w", err)
			}
		}
		for range r.Twins {
			s, err := r.make(ctx, want.Sort, client, BeforeCopy)
			if err != nil {
				return err
			}
			s.Asks = want.Asks
			switch want.Sort {
			case refreshedBefore, reusedInWindow:
				err = r.refresh(ctx, s)
			case revokedBefore:
				err = r.end(ctx, s, byToken)
			}
			if lostAnswer(err) {
				s.Access, s.Refresh, s.Used = 0, 0, 0 // Nobody can tell what is true of them.
				err = nil
			}
			if err != nil {
				return fmt.Errorf("%s: %w", want.Sort, err)
			}
		}
	}
	return r.makeThings(ctx)
}

// makeThings makes what the probes of blue make, for each time that they are asked.
func (r *Rehearsal) makeThings(ctx context.Context) error {
	asks := []Phase{AfterSwitch}
	if r.Control && r.Upgrade.Restart != nil {
		asks = append(asks, AfterRestart)
	}
	for _, p := range r.Blue.Probes() {
		for _, when := range asks {
			for range r.Twins {
				begun := clockOf(r)
				made, err := p.Make(ctx, newSubject(r, string(p.Kind)))
				if errors.Is(err, errors.ErrUnsupported) {
					continue
				}
				if err != nil {
					return fmt.Errorf("make %s: %w", p.Kind, err)
				}
				r.things = append(r.things, &thing{p.Kind, made, r.ledger.Made(p.Kind, BeforeCopy), when, begun})
			}
		}
	}
	return nil
}

// FoundUnfit says what blue itself does not take as it must, before anything of the upgrade.
const FoundUnfit = "not good before the upgrade"

// excuse takes tokens out of all questions that blue itself does not take as it must, because its rows
// were changed: they say nothing of the upgrade. What is made from now on is of a client that nobody has changed.
func excuse(ctx context.Context, r *Rehearsal) (err error) {
	if r.client, err = r.Blue.Register(ctx); err != nil {
		return fmt.Errorf("register: %w", err)
	}
	of, unfit := 0, 0
	for _, s := range allSessions(r) {
		for _, one := range []struct {
			item  *int
			token string
		}{{&s.Access, s.Grant.Access}, {&s.Refresh, s.Grant.Refresh}, {&s.Used, s.Spent}} {
			if *one.item == 0 {
				continue
			}
			active, err := r.Blue.Active(ctx, one.token)
			if err != nil {
				return fmt.Errorf("introspect: %w", err)
			}
			of++
			if active != (r.ledger.Item(*one.item).Expect == Live) {
				*one.item = 0
				unfit++
			}
		}
	}
	if unfit > 0 {
		r.found = append(r.found, Finding{Name: FoundUnfit, Of: of, Wrong: unfit, Note: true,
			Text: fmt.Sprintf("%d of %d tokens were not taken by the old version as they must be, after its rows were "+
				"changed: they are asked about no more", unfit, of)})
	}
	return nil
}

// newSubject is a user that nothing else has.
func newSubject(r *Rehearsal, what string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.named++
	return fmt.Sprintf("user %d: %s", r.named, what)
}

// make makes a session where the switch sends a new one. After an error it tells where that
// was, and nothing else.
func (r *Rehearsal) make(ctx context.Context, sort string, c Client, made Phase) (*session, error) {
	s := &session{Sort: sort, Subject: newSubject(r, sort), Client: c, Known: made}
	s.Origin = r.to.Issue(s.Subject)
	var err error
	if own := sort == ownKept || sort == ownInWindow; own {
		if s.Grant.Access, err = sideAt(r, s.Origin).IssueOwn(ctx, c); err == nil {
			s.Access = r.ledger.Made(ClientToken, made)
		}
	} else if s.Grant, err = sideAt(r, s.Origin).Issue(ctx, c, s.Subject); err == nil {
		s.Access, s.Refresh = r.ledger.Made(AccessToken, made), r.ledger.Made(RefreshToken, made)
	}
	if err != nil {
		return s, fmt.Errorf("issue: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sessions = append(r.sessions, s)
	return s, nil
}

func sideAt(r *Rehearsal, p Place) Side {
	if p == Green {
		return r.green
	}
	return r.Blue
}

// refresh exchanges the refresh token of a session, which has another one then. Blue's
// new tokens are unknown to green when it comes after the copy has begun.
func (r *Rehearsal) refresh(ctx context.Context, s *session) error {
	place := r.to.Ask(s.Origin)
	begun := r.phase.get()
	number, err := journalled(r, place, journal.Entry{
		Act: journal.Rotate, Client: s.Client.ID, Secret: s.Client.Secret, Token: s.Grant.Refresh, Subject: s.Subject})
	if err != nil {
		return err
	}
	next, err := sideAt(r, place).Refresh(ctx, s.Client, s.Grant.Refresh)
	if err != nil {
		return fmt.Errorf("refresh: %w", err)
	}
	if place == Green && s.Origin == Blue && r.to.Ready() {
		r.mu.Lock()
		r.spent = append(r.spent, journal.Entry{Act: journal.Rotate, Client: s.Client.ID, Secret: s.Client.Secret,
			Token: s.Grant.Refresh})
		r.mu.Unlock()
	}
	ended := r.phase.get()
	if number != 0 && ended == BeforeCopy {
		// The copy has both the used token and its successor: a replay would end the grant.
		if err := unjournal(r, number); err != nil {
			return err
		}
	}
	r.ledger.Used(s.Refresh, begun)
	s.Spent, s.Used = s.Grant.Refresh, s.Refresh
	s.Grant = next
	s.Access, s.Refresh = 0, 0
	if begun == ended { // or nobody can tell whether the copy has them
		s.Known = begun
		s.Access, s.Refresh = r.ledger.Made(AccessToken, begun), r.ledger.Made(RefreshToken, begun)
	}
	return nil
}

// unjournal takes an entry back that needs no replay.
func unjournal(r *Rehearsal, number int) error {
	r.mu.Lock()
	r.replay.captured--
	r.mu.Unlock()
	return r.Journal.Replayed(number, time.Time{})
}

// end ends a session by a door, at every side that must know, as an arrival of the load does: once.
func (r *Rehearsal) end(ctx context.Context, s *session, door string) error {
	return r.endBy(ctx, s, door, func(do func() error) error { return do() })
}

// endSurely asks again where there was no answer: who ends a session twice does no more than once, and a step must
// not fail for a connection that broke on a busy machine.
func (r *Rehearsal) endSurely(ctx context.Context, s *session, door string) error {
	return r.endBy(ctx, s, door, func(do func() error) error { return retried(ctx, do) })
}

func (r *Rehearsal) endBy(ctx context.Context, s *session, door string, try func(func() error) error) error {
	entry := journal.Entry{
		Act: journal.RevokeToken, Client: s.Client.ID, Secret: s.Client.Secret, Token: s.Grant.Refresh,
		Subject: s.Subject}
	if entry.Token == "" {
		entry.Token = s.Grant.Access
	}
	switch door {
	case byConsent:
		entry.Act = journal.RevokeConsent
	case byClient:
		entry.Act = journal.DeleteClient
	}
	when, places := r.phase.get(), r.to.Revoke(s.Origin)
	number, err := journalled(r, places[0], entry)
	if err != nil {
		return err
	}
	for _, place := range places {
		err := try(func() error { return ask(ctx, sideAt(r, place), entry) })
		if errors.Is(err, errors.ErrUnsupported) && number != 0 {
			err = errors.Join(err, unjournal(r, number)) // nothing was done, so nothing is to be replayed
		}
		if err != nil {
			return fmt.Errorf("%s at %s: %w", door, place, err)
		}
	}
	r.ledger.Ended(s.Access, door, when)
	r.ledger.Ended(s.Refresh, door, when)
	return nil
}

// ask asks a side for what an entry says.
func ask(ctx context.Context, side Side, entry journal.Entry) error {
	client := Client{entry.Client, entry.Secret}
	switch entry.Act {
	case journal.RevokeConsent:
		return side.RevokeConsent(ctx, entry.Subject)
	case journal.DeleteClient:
		return side.DeleteClient(ctx, client)
	case journal.SetSecret:
		return side.SetSecret(ctx, client)
	case journal.SetRight:
		return side.SetRight(ctx, client, entry.Right)
	}
	return side.RevokeToken(ctx, client, entry.Token)
}

// journalled writes an act at blue down before it is done, and gives its number; 0 when
// green has blue's own database, or knows of the act itself.
func journalled(r *Rehearsal, place Place, entry journal.Entry) (number int, err error) {
	if place == Green || strategyOf(r) != BlueGreen || r.load == nil && r.phase.get() == BeforeCopy {
		return 0, nil
	}
	entry.At = clockOf(r)
	number, err = r.Journal.Append(entry)
	if err == nil {
		r.mu.Lock()
		r.replay.captured++
		r.mu.Unlock()
	}
	return number, err
}

// actAfterSwitch ends sessions of blue at green, by each door.
func (r *Rehearsal) actAfterSwitch(ctx context.Context) error { return r.act(ctx, AfterSwitch) }

// act does to the sessions what is to happen to them in a phase. A door that a server does
// not have leaves them alive. A client is deleted once, with all its sessions.
func (r *Rehearsal) act(ctx context.Context, when Phase) error {
	deleted := map[string]bool{}
	var failed failedDoors
	defer func() { r.found = append(r.found, failed.findings()...) }()
	for _, s := range allSessions(r) {
		var err error
		ending, ends := endings[s.Sort]
		switch {
		case s.Sort == refreshedInWindow && when == InWindow:
			if s.Used == 0 { // or a run before this one did it
				err = r.refresh(ctx, s)
			}
		case !ends || ending.when != when || len(s.Asks) == 0 || s.Access == 0:
		case !deleted[s.Client.ID] && r.ledger.Item(s.Access).Expect == Dead: // a run before this one did it
			deleted[s.Client.ID] = ending.door == byClient
		case ending.door == byClient && deleted[s.Client.ID]:
			r.ledger.Ended(s.Access, byClient, when)
			r.ledger.Ended(s.Refresh, byClient, when)
		default:
			err = r.endSurely(ctx, s, ending.door)
			deleted[s.Client.ID] = err == nil && ending.door == byClient
		}
		if errors.Is(err, errors.ErrUnsupported) {
			continue
		}
		if lostAnswer(err) {
			s.Access, s.Refresh, s.Used = 0, 0, 0 // Nobody can tell what is true of them.
			continue
		}
		if err != nil && when == AfterSwitch && !unreachable(err) && ctx.Err() == nil {
			failed.add(ending.door, err)
			continue
		}
		if err != nil && when == InWindow && r.Upgrade.Changed && ctx.Err() == nil {
			excuseOne(r, s, err)
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.Sort, err)
		}
	}
	return nil
}

// failedDoors are doors of green that answered with an error.
type failedDoors struct {
	times map[string]int
	first map[string]error
}

func (f *failedDoors) add(door string, err error) {
	if f.times == nil {
		f.times, f.first = map[string]int{}, map[string]error{}
	}
	if f.times[door]++; f.times[door] == 1 {
		f.first[door] = err
	}
}

func (f *failedDoors) findings() (found []Finding) {
	for _, door := range doors {
		if n := f.times[door]; n > 0 {
			found = append(found, Finding{Name: FoundFailedDoor, Of: n, Wrong: n,
				Text: fmt.Sprintf("%s could not be %s at green: %s", digits.Count(n, "session"), door,
					Brief(f.first[door])),
				Cure: "look at green's log and at the rows by which it finds them, or revoke them token by token"})
		}
	}
	return found
}

// unreachable tells whether nobody answered.
func unreachable(err error) bool {
	var transport *url.Error
	return noAnswer(err) || errors.As(err, &transport)
}

// excuseOne takes a session out of all questions whose end blue itself refuses, after its rows were changed.
func excuseOne(r *Rehearsal, s *session, why error) {
	s.Access, s.Refresh, s.Used = 0, 0, 0
	r.found = append(r.found, Finding{Name: FoundUnfit, Of: 1, Wrong: 1, Note: true,
		Text: fmt.Sprintf("a session (%s) was refused by the old version itself, after its rows were changed: %s",
			s.Sort,
			Brief(why))})
}

// allSessions are the sessions so far.
func allSessions(r *Rehearsal) []*session {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]*session(nil), r.sessions...)
}
