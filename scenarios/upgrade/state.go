package upgrade

import (
	"slices"
)

// memoryOf is what there is to remember now.
func memoryOf(r *Rehearsal) Memory {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := Memory{
		Steps: r.steps, Client: r.client, Things: r.things, Phase: r.phase.get(),
		Loaded: r.load != nil, Green: r.green != nil,
		Samples: slices.Clone(r.watch), Readings: r.readings, Source: r.checks, Migrated: r.examined, Found: r.found,
		Captured: r.replay.captured, Replayed: r.replay.replayed, Began: r.began, Named: r.named,
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
// was under way when the process ended: it counts as done, for it will be replayed.
func (r *Rehearsal) Resume(s Memory, green Side) {
	r.steps, r.client, r.sessions, r.things = s.Steps, s.Client, s.Sessions, s.Things
	r.watch, r.readings, r.checks, r.examined, r.found = s.Samples, s.Readings, s.Source, s.Migrated, s.Found
	r.replay.captured, r.replay.replayed, r.began, r.named = s.Captured, s.Replayed, s.Began, s.Named
	r.ledger = Ledger{items: s.Items, answers: map[question]answer{}}
	for _, a := range s.Answers {
		r.ledger.answers[question{a.Item.ID, a.When}] = answer{a.Item, a.State}
	}
	r.phase.set(s.Phase)
	r.green = green
	if s.Green && strategyOf(r) == BlueGreen {
		r.to.Canary(0)
	}
	if s.Phase == AfterSwitch {
		r.to.Over()
	}
	r.loaded, r.wentBack, r.caughtUp = s.Loaded, s.WentBack, s.CaughtUp
	r.watched, r.witnessed = s.Watched, s.Witnessed
	adopt(r)
	if s.Loaded && (s.Phase == AfterSwitch || strategyOf(r) != BlueGreen) {
		forgetLoad(r)
	}
}

// adopt takes from the journal what was done after the Memory was stored.
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
		if e.Act == Rotate {
			r.ledger.Used(s.Refresh, InWindow)
			s.Spent, s.Used = s.Grant.Refresh, s.Refresh
			s.Access, s.Refresh = 0, 0 // its successors died with the process
			continue
		}
		r.ledger.Ended(s.Access, doorOf(e.Act), InWindow)
		r.ledger.Ended(s.Refresh, doorOf(e.Act), InWindow)
	}
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

func doorOf(act Act) string {
	switch act {
	case RevokeConsent:
		return byConsent
	case DeleteClient:
		return byClient
	}
	return byToken
}
