package upgrade

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Shares are the shares of clients that get their tokens from green, one after the other,
// before all do. As text it is 5%,25%,100%.
type Shares []float64

// String writes the list.
func (s *Shares) String() string {
	var all []string
	for _, share := range *s {
		all = append(all, strconv.FormatFloat(100*share, 'g', -1, 64)+"%")
	}
	return strings.Join(all, ",")
}

// Set reads the list, which must grow; that all go over at last need not be said.
func (s *Shares) Set(text string) error {
	*s = nil
	last := 0.0
	for _, part := range strings.Split(text, ",") {
		number, percent := strings.CutSuffix(strings.TrimSpace(part), "%")
		share, err := strconv.ParseFloat(number, 64)
		if err != nil || !percent || !(share > last && share <= 100) {
			return fmt.Errorf("%q: use shares that grow, such as 5%%,25%%,100%%", text)
		}
		last = share
		if share < 100 {
			*s = append(*s, share/100)
		}
	}
	return nil
}

// Type names what the flag takes.
func (s *Shares) Type() string { return "shares" }

// FoundSlow says that green broke its limits.
const FoundSlow = "green breaks its limits"

// canary lets green have a share for a while, and goes back for good when it breaks its
// limits. Revocations go to both sides all the while, so that going back loses none.
func canary(ctx context.Context, r *Rehearsal, share float64) error {
	if r.wentBack {
		return nil
	}
	begun := clockOf(r)
	r.to.Canary(share)
	if err := errors.Join(r.wait(ctx), waitAnswers(ctx, r, begun)); err != nil {
		return err
	}
	if withinLimits(r, begun) {
		return nil
	}
	r.wentBack = true
	r.to.Back()
	if r.load != nil {
		r.load.drain()
	}
	return nil
}

// Green is judged by so many answers at least, where they come within the patience.
const (
	fewestAnswers  = 10
	answerPatience = 30 * time.Second
)

// waitAnswers waits until green has given enough answers to be judged by, if it is to be judged.
func waitAnswers(ctx context.Context, r *Rehearsal, since time.Time) error {
	if r.load == nil || r.Load.Watch == (Limits{}) {
		return nil
	}
	for {
		times, _ := answersOfGreen(r, since)
		if len(times) >= fewestAnswers || clockOf(r).Sub(since) >= answerPatience {
			return nil
		}
		if err := sleep(ctx, 10*time.Millisecond); err != nil {
			return err
		}
	}
}

// answersOfGreen are the response times of green since then, and how many of the answers were not good.
func answersOfGreen(r *Rehearsal, since time.Time) (times []time.Duration, bad int) {
	for _, s := range r.load.soFar() {
		if s.Place == Green && !s.Due.Before(since) {
			times = append(times, s.Response)
			if s.Outcome != Good {
				bad++
			}
		}
	}
	return times, bad
}

// withinLimits judges what green has answered since then, and tells what it broke.
func withinLimits(r *Rehearsal, since time.Time) bool {
	if r.load == nil || r.Load.Watch == (Limits{}) {
		return true
	}
	times, bad := answersOfGreen(r, since)
	if len(times) == 0 {
		return true
	}
	slices.Sort(times)
	errors, p99 := float64(bad)/float64(len(times)), quantile(times, 99)
	limits := r.Load.Watch
	var broken []string
	if limits.Errors != nil && errors > *limits.Errors {
		broken = append(broken, fmt.Sprintf("%d of %d requests failed (limit %.3g %%)", bad, len(times),
			100**limits.Errors))
	}
	if limits.P99 > 0 && p99 > limits.P99 {
		broken = append(broken, fmt.Sprintf("P99 was %s (limit %s)", p99.Round(time.Millisecond), limits.P99))
	}
	if len(broken) == 0 {
		return true
	}
	r.found = append(r.found, Finding{Name: FoundSlow, Of: len(times), Wrong: max(bad, 1),
		Text: "at green " + strings.Join(broken, ", "),
		Cure: "everything went back to blue when it was a canary; find out why before you try again"})
	return false
}

// allToGreen sends everything to green; with limits to watch, blue stays ready to take it back.
func allToGreen(r *Rehearsal) {
	if strategyOf(r) == BlueGreen && r.load != nil && r.Load.Watch != (Limits{}) {
		r.to.OverReady()
		return
	}
	r.to.Over()
}

// loadAtGreen lets green alone carry the load, and judges it: when it breaks its limits, everything
// goes back to blue.
func loadAtGreen(ctx context.Context, r *Rehearsal) error {
	begun := clockOf(r)
	if err := errors.Join(observe(ctx, r, Green), waitAnswers(ctx, r, begun)); err != nil {
		return err
	}
	good := withinLimits(r, begun)
	if !r.to.Ready() {
		return nil
	}
	if good {
		r.to.Over()
		return nil
	}
	return backFromGreen(ctx, r)
}

// backFromGreen sends everything to blue again, while arrivals are held. Blue has been told of each
// revocation; of a session that green has refreshed it knows no new token, so that it ends there,
// lest the one that was used goes on.
func backFromGreen(ctx context.Context, r *Rehearsal) error {
	r.load.hold()
	defer r.load.release()
	r.mu.Lock()
	spent := r.spent
	r.mu.Unlock()
	for _, entry := range spent {
		if err := r.Blue.RevokeToken(ctx, Client{entry.Client, entry.Secret}, entry.Token); err != nil {
			return fmt.Errorf("end at blue what green has refreshed: %w", err)
		}
	}
	r.wentBack = true
	r.to.Back()
	return nil
}

// soFar are the arrivals that have been answered.
func (l *running) soFar() []Sample {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.samples)
}

// unlessBack leaves a step out when everything has gone back to blue.
func unlessBack(r *Rehearsal, do func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		if r.wentBack {
			return nil
		}
		return do(ctx)
	}
}
