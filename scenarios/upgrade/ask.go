package upgrade

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// askers is how many questions are under way at once.
const askers = 4

// asked is one question to be asked.
type asked struct {
	item int
	ask  func(context.Context) (bool, error)
}

// askAll asks about everything that is to be asked about in a phase: of tokens, introspection;
// of other things, their probes.
func (r *Rehearsal) askAll(ctx context.Context, when Phase) error {
	questions := aboutTokens(r, when)
	questions = append(questions, aboutThings(r, when)...)
	r.questions += len(questions)
	return each(ctx, askers, questions, func(ctx context.Context, q asked) error {
		alive, err := q.ask(ctx)
		if lostAnswer(err) {
			return nil
		}
		if err != nil {
			return err
		}
		state := Dead
		if alive {
			state = Live
		}
		r.ledger.Found(q.item, when, state)
		return nil
	})
}

// sideAsked is where a question of a phase goes.
func sideAsked(r *Rehearsal, when Phase, origin Place) Side {
	if when == BeforeReplay {
		return r.green
	}
	return sideAt(r, r.to.Ask(origin))
}

func aboutTokens(r *Rehearsal, when Phase) (all []asked) {
	for _, s := range allSessions(r) {
		if !slices.Contains(s.Asks, when) {
			continue
		}
		side := sideAsked(r, when, s.Origin)
		for _, q := range []struct {
			id    int
			token string
		}{{s.Access, s.Grant.Access}, {s.Refresh, s.Grant.Refresh}, {s.Used, s.Spent}} {
			if q.id == 0 || when == BeforeReplay && r.ledger.Item(q.id).Expect == Live {
				continue
			}
			all = append(all, asked{q.id, func(ctx context.Context) (bool, error) {
				var active bool
				err := retried(ctx, func() (err error) {
					active, err = side.Active(ctx, q.token)
					return err
				})
				if err != nil {
					return false, fmt.Errorf("introspect: %w", err)
				}
				return active, nil
			}})
		}
	}
	return all
}

func aboutThings(r *Rehearsal, when Phase) (all []asked) {
	for _, t := range r.things {
		if t.Asks != when {
			continue
		}
		if _, is := t.Kind.right(); is {
			side, of := sideAsked(r, when, Blue), t.read()
			all = append(all, asked{t.Item, func(ctx context.Context) (bool, error) {
				return side.MayUse(ctx, of.Client, of.Right)
			}})
		}
		if t.Kind == ClientSecret {
			side, c := sideAsked(r, when, Blue), t.read().Client
			all = append(all, asked{t.Item, func(ctx context.Context) (bool, error) { return side.Knows(ctx, c) }})
		}
		for _, p := range sideAsked(r, when, Blue).Probes() {
			if p.Kind == t.Kind && !p.expired(t.At, clockOf(r)) {
				all = append(all, asked{t.Item, func(ctx context.Context) (bool, error) {
					alive, err := p.Ask(ctx, t.Thing)
					if err != nil {
						return false, fmt.Errorf("ask about %s: %w", p.Kind, err)
					}
					return alive, nil
				}})
			}
		}
	}
	return all
}

// each does something with all of a list, so many at once, until one fails.
func each[T any](ctx context.Context, workers int, list []T, do func(context.Context, T) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan T)
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for x := range next {
				if err := do(ctx, x); err != nil {
					cancel(err)
				}
			}
		})
	}
	for _, x := range list {
		select {
		case next <- x:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
	}
	close(next)
	all.Wait()
	return context.Cause(ctx)
}
