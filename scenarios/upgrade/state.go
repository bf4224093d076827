package upgrade

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/oauthbench/oauthbench/scenarios/upgrade/journal"
)

// memoryOf is what there is to remember now.
func memoryOf(r *Rehearsal) Memory {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := Memory{
		Steps: r.steps, Client: r.client, Things: r.things, Phase: r.phase.get(),
		Loaded: r.load != nil, Green: r.green != nil,
		Samples: slices.Clone(r.watch), Readings: r.readings, Source: r.checks, Migrated: r.examined, Found: r.found,
		Captured: r.replay.captured, Replayed: r.replay.replayed, Began: r.began, Copied: r.copied, Named: r.named,
		WentBack: r.wentBack, CaughtUp: r.caughtUp, Watched: r.watched, Witnessed: r.witnessed,
	}
	for _, x := range r.sessions {
		clone := *x
		if x.busy { // nobody knows what becomes of it if this is all that is left
			clone.Access, clone.Refresh, clone.Used = 0, 0, 0
		}
		s.Sessions = append(s.Sessions, &clone)
	}
	if r.load != nil {
		r.load.mu.Lock()
		s.Samples = append(s.Samples, r.load.samples...)
		r.load.mu.Unlock()
	}
	if s.Matrix = r.matrix.whole(); r.matrix != nil {
		s.MatrixThings = r.matrix.things
	}
	s.Items = r.ledger.Items()
	s.Answers = r.ledger.answered()
	return s
}

func (l *Ledger) answered() (all []Answered) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for q, a := range l.answers {
		all = append(all, Answered{q.when, a.item, a.state})
	}
	return all
}

// Resume takes up what a Memory has left; Run does the rest. green is the server on green's
// side when it had been started, nil otherwise. What the journal has and the Memory does not
// was under way when the process ended, and blue may never have heard of it: blue is told again, and it counts as
// done, for it will be replayed.
func (r *Rehearsal) Resume(s Memory, green Side) {
	r.steps, r.client, r.sessions, r.things = s.Steps, s.Client, s.Sessions, s.Things
	r.watch, r.readings, r.checks, r.examined, r.found = s.Samples, s.Readings, s.Source, s.Migrated, s.Found
	r.replay.captured, r.replay.replayed, r.began, r.named = s.Captured, s.Replayed, s.Began, s.Named
	r.ledger = Ledger{items: s.Items, answers: map[question]answer{}}
	for _, a := range s.Answers {
		r.ledger.answers[question{a.Item.ID, a.When}] = answer{a.Item, a.State}
	}
	r.phase.set(s.Phase)
	r.green = patiently(green)
	if s.Green && strategyOf(r) == BlueGreen {
		r.to.Canary(0)
	}
	if s.Phase == AfterSwitch {
		r.to.Over()
	}
	r.loaded, r.wentBack, r.caughtUp = s.Loaded, s.WentBack, s.CaughtUp
	r.copied = s.Copied
	r.watched, r.witnessed = s.Watched, s.Witnessed
	r.matrix = remembered(r.Blue, s.Matrix, s.MatrixThings)
	adopt(r)
	if s.Loaded && (s.Phase == AfterSwitch || strategyOf(r) != BlueGreen) {
		forgetLoad(r)
	}
}

// remembered is the matrix as it was.
func remembered(blue Side, rows []Row, things []matrixThing) *asking {
	if rows == nil {
		return nil
	}
	m := newAsking(blue)
	m.things = things
	for i, row := range rows {
		if i >= len(m.rows) || m.rows[i].Question != row.Question {
			continue // of a version with other questions
		}
		for _, cell := range row.Cells {
			m.rows[i].Answers[cell.Pair] = cell.Answer
		}
	}
	return m
}

// adopt takes from the journal what was done after the Memory was stored, and what blue may not have heard of.
func adopt(r *Rehearsal) {
	byToken := map[string]*session{}
	for _, s := range r.sessions {
		for _, token := range []string{s.Grant.Refresh, s.Grant.Access} {
			if token != "" {
				byToken[token] = s
			}
		}
	}
	entries := r.Journal.Entries()
	r.replay.captured = len(entries)
	r.replay.replayed = len(entries) - len(r.Journal.Pending())
	for _, e := range entries {
		s := byToken[e.Token]
		if s == nil || s.Access == 0 || r.ledger.Item(s.Access).Expect == Dead {
			continue
		}
		if e.Act == journal.Rotate {
			r.ledger.Used(s.Refresh, InWindow)
			s.Spent, s.Used = s.Grant.Refresh, s.Refresh
			s.Access, s.Refresh = 0, 0 // its successors died with the process
			r.unheard = append(r.unheard, e)
			continue
		}
		r.ledger.Ended(s.Access, doorOf(e.Act), InWindow)
		r.ledger.Ended(s.Refresh, doorOf(e.Act), InWindow)
		r.unheard = append(r.unheard, e)
	}
}

// tellAgain tells blue what it may not have heard of, since the process ended between the journal and the request. It
// is done at most once more, and ends the grant of a refresh token whose successor nobody knows.
func tellAgain(ctx context.Context, r *Rehearsal) error {
	if r.phase.get() == AfterSwitch || strategyOf(r) != BlueGreen {
		return nil
	}
	for _, e := range r.unheard {
		err := retried(ctx, func() error { return ask(ctx, r.Blue, e) })
		if err != nil && !errors.Is(err, errors.ErrUnsupported) {
			return fmt.Errorf("tell blue again what it may not have heard of: %w", err)
		}
	}
	return nil
}

// forgetLoad takes the load's sessions out of all questions: what it did to them last is in
// no journal, and nobody remembers it.
func forgetLoad(r *Rehearsal) {
	for _, s := range r.sessions {
		if s.Sort == underLoad {
			s.Access, s.Refresh, s.Used = 0, 0, 0
		}
	}
}

func doorOf(act journal.Act) string {
	switch act {
	case journal.RevokeConsent:
		return byConsent
	case journal.DeleteClient:
		return byClient
	}
	return byToken
}
