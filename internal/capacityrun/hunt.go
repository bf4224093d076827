package capacityrun

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/capacity"
	"github.com/oauthbench/oauthbench/bench/capacity/searches"
)

// Runner runs single trials. The one that sends load is a server's; a test has one in
// virtual time.
type Runner interface {
	// Trial runs one trial on the deployment of the slot's role, as it was ordered.
	Trial(ctx context.Context, slot bench.Slot, o searches.Order) (bench.Trial, error)
	// Restart gives a deployment fresh processes that are at their speed.
	Restart(ctx context.Context, role bench.Role) error
	Wait(ctx context.Context, d time.Duration) error
	Now() time.Time
}

// hunt runs the searches of a run. Two deployments take turns, so that neither gains from a
// machine that drifts.
type hunt struct {
	runner   Runner
	rule     searches.Rule
	run      *bench.Run // run has the trials so far; keep adds to it.
	keep     func(bench.Trial) error
	say      func(format string, args ...any)
	deadline time.Time
	starts   map[bench.Role]int
	beside   beside
}

// usedUp is why a search ended whose time was too short.
const usedUp = "the time that was stated beforehand is used up"

// search runs all searches to their end. stopped says why they ended before it, "" when
// they did not; an error is what the run cannot go on after.
func (h *hunt) search(ctx context.Context) (stopped string, err error) {
	logs, err := searches.Replay(h.rule, h.run.Trials)
	if err != nil {
		return "", err
	}
	h.starts = map[bench.Role]int{}
	if len(h.run.Trials) > 0 { // It is resumed, with servers that were started anew where they can be.
		for _, t := range h.run.Trials {
			if !h.rule.Sides[t.Role].Lasting {
				h.starts[t.Role] = max(h.starts[t.Role], t.Epoch+1)
			}
		}
		for _, all := range logs {
			all[len(all)-1].Resume()
		}
	}
	for number := range h.rule.Searches {
		under := map[bench.Role]*searches.Log{}
		for role, all := range logs {
			if number == len(all) {
				all = append(all, searches.NewLog(h.rule, role, number, all[number-1].Result()))
				logs[role] = all
			}
			under[role] = all[number]
		}
		if stopped, err := h.turns(ctx, under); stopped != "" || err != nil {
			return stopped, err
		}
	}
	return "", nil
}

// turns runs one search on each deployment, a trial of each in turn.
func (h *hunt) turns(ctx context.Context, under map[bench.Role]*searches.Log) (stopped string, err error) {
	over := map[bench.Role]bool{}
	for len(over) < len(under) {
		for _, role := range h.order(under) {
			if over[role] {
				continue
			}
			log := under[role]
			order, more, problem := log.Next()
			switch {
			case problem != nil:
				return problem.Error(), nil
			case !more:
				over[role] = true
				h.ended(log)
				continue
			case h.runner.Now().Add(h.beside.takes(order)).After(h.deadline):
				return usedUp, nil
			}
			if err := h.trial(ctx, log, order); err != nil {
				return "", err
			}
		}
	}
	return "", nil
}

// order is whose turn is first, by a coin for each trial.
func (h *hunt) order(under map[bench.Role]*searches.Log) []bench.Role {
	both := []bench.Role{bench.Baseline, bench.Candidate}
	if h.rng().IntN(2) == 1 {
		both[0], both[1] = both[1], both[0]
	}
	var roles []bench.Role
	for _, role := range both {
		if under[role] != nil {
			roles = append(roles, role)
		}
	}
	return roles
}

// rng is of the trial that is next: a resumed run draws what it would have drawn.
func (h *hunt) rng() *rand.Rand {
	return rand.New(rand.NewPCG(h.run.Seed, uint64(len(h.run.Trials))))
}

// trial runs and keeps one trial.
func (h *hunt) trial(ctx context.Context, log *searches.Log, o searches.Order) error {
	if err := h.runner.Wait(ctx, o.Wait); err != nil {
		return err
	}
	if o.Fresh {
		began := h.runner.Now()
		if err := h.runner.Restart(ctx, log.Role); err != nil {
			return err
		}
		h.starts[log.Role]++
		h.beside.restart = h.runner.Now().Sub(began)
	}
	n := len(h.run.Trials)
	slot := bench.Slot{
		Epoch: h.starts[log.Role], Block: n, Pair: n, Role: log.Role, Seed: h.rng().Uint64N(bench.MaxSeed),
	}
	began := h.runner.Now()
	t, err := h.runner.Trial(ctx, slot, o)
	h.beside.saw(o, h.runner.Now().Sub(began)-t.Elapsed)
	if ctx.Err() != nil {
		return context.Cause(ctx) // A trial that was interrupted says nothing of its rate.
	}
	if err != nil {
		return err
	}
	if t.Search == nil {
		t.Search = &bench.SearchStep{}
	}
	gaveUp := t.Search.GaveUp
	t.Search = &bench.SearchStep{Number: log.Number, Phase: o.Phase, Rate: o.Rate, Fresh: o.Fresh, GaveUp: gaveUp}
	if err := h.keep(t); err != nil {
		return err
	}
	if err := log.Take(n, &t); err != nil {
		return err
	}
	h.tell(log, o)
	return nil
}

// tell says how a trial ended.
func (h *hunt) tell(log *searches.Log, o searches.Order) {
	if o.Phase == searches.Control {
		if c := log.Checks[len(log.Checks)-1]; !c.Recovered {
			h.say("%s  control %.4g/s: not back yet (P50 %v)", h.name(log), o.Rate,
				c.Level.Round(10*time.Microsecond))
		}
		return
	}
	p := log.Points[len(log.Points)-1]
	word := string(p.Outcome)
	switch {
	case p.Disturbed != "":
		word = "disturbed, again: " + p.Disturbed
	case len(p.Missed) > 0:
		word += ": " + p.Missed[0].Words
	}
	h.say("%s  %-7s %s  %s", h.name(log), o.Phase, rate(o.Rate), word)
}

// ended says what one search found.
func (h *hunt) ended(log *searches.Log) {
	r := log.Result()
	if r.Ending == capacity.Certified {
		h.say("%s  search %d: %s certified", h.name(log), log.Number+1, rate(r.Rate))
		return
	}
	h.say("%s  search %d: %s", h.name(log), log.Number+1, r.Ending)
}

func (h *hunt) name(log *searches.Log) string { return h.run.Deployments[log.Role].Name }
