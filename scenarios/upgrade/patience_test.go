package upgrade

import (
	"context"
	"io"
	"sync"
	"testing"
	"time"
)

// breaking ends each second connection of an operation before its answer: before the request was heard, or after.
type breaking struct {
	Side
	heard, always bool
	mu            sync.Mutex
	asked         map[string]int
}

func (b *breaking) breaks(operation string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked[operation]++
	return b.always || b.asked[operation]%2 == 1
}

// broken does what is asked for, or not, and has the answer come or not.
func broken[T any](b *breaking, operation string, do func() (T, error)) (T, error) {
	var none T
	breaks := b.breaks(operation)
	if breaks && !b.heard {
		return none, io.EOF
	}
	got, err := do()
	if breaks {
		return none, io.EOF
	}
	return got, err
}

func (b *breaking) Issue(ctx context.Context, c Client, subject string) (Grant, error) {
	return broken(b, "issue", func() (Grant, error) { return b.Side.Issue(ctx, c, subject) })
}

func (b *breaking) IssueOwn(ctx context.Context, c Client) (string, error) {
	return broken(b, "issue own", func() (string, error) { return b.Side.IssueOwn(ctx, c) })
}

func (b *breaking) Refresh(ctx context.Context, c Client, refresh string) (Grant, error) {
	return broken(b, "refresh", func() (Grant, error) { return b.Side.Refresh(ctx, c, refresh) })
}

func (b *breaking) Active(ctx context.Context, token string) (bool, error) {
	return broken(b, "introspect", func() (bool, error) { return b.Side.Active(ctx, token) })
}

func (b *breaking) RevokeToken(ctx context.Context, c Client, token string) error {
	_, err := broken(b, "revoke", func() (bool, error) { return true, b.Side.RevokeToken(ctx, c, token) })
	return err
}

func (b *breaking) Probes() (all []Probe) {
	for _, p := range b.Side.Probes() {
		made, ask := p.Make, p.Ask
		p.Make = func(ctx context.Context, subject string) (string, error) {
			return broken(b, "make "+string(p.Kind), func() (string, error) { return made(ctx, subject) })
		}
		if p.Kind == "secret" { // Of the other nobody can tell whether it was used up.
			p.Ask = func(ctx context.Context, thing string) (bool, error) {
				return broken(b, "ask "+thing, func() (bool, error) { return ask(ctx, thing) })
			}
		}
		all = append(all, p)
	}
	return all
}

// Where a connection ends before its answer, steps and load ask again, as an honest client does: that stands against
// nobody. A refresh token that was used in vain and is refused then is no answer, and no refusal.
func TestLostAnswersAreAskedForAgain(t *testing.T) {
	for _, heard := range []bool{false, true} {
		r := newRehearsal(t)
		// One request at a time, so that no two break in a row.
		r.Load = Load{Rate: 300, Mix: map[Operation]float64{OpIssue: 1, OpLogIn: 1, OpRefresh: 2}, Seed: 1}
		r.Window = 100 * time.Millisecond
		side := &breaking{Side: r.Blue, heard: heard, asked: map[string]int{}}
		var one sync.Mutex
		r.Blue = &inTurn{patient{side}, &one}
		got, err := r.Run(t.Context())
		if err != nil || side.asked["refresh"] == 0 {
			t.Fatalf("heard %t: %v, asked %v", heard, err, side.asked)
		}
		if names := faultsOf(t, got); len(names) > 0 || got.Traffic.Failed > 0 {
			t.Errorf("heard %t: found %q of %+v; want nothing", heard, names, got.Traffic)
		}
		if lost := got.Traffic.Late > 0; lost != heard {
			t.Errorf("heard %t: %d without an answer", heard, got.Traffic.Late)
		}
	}
}

// A server that never answers is no busy one.
func TestAnswersThatNeverComeAreFailures(t *testing.T) {
	side := patiently(&breaking{Side: newFake("blue", map[string]bool{}), always: true,
		asked: map[string]int{}})
	for name, err := range map[string]error{
		"issue":   func() error { _, err := side.Issue(t.Context(), Client{}, "user"); return err }(),
		"refresh": func() error { _, err := side.Refresh(t.Context(), Client{}, "token"); return err }(),
		"revoke":  side.RevokeToken(t.Context(), Client{}, "token"),
	} {
		if err == nil || lostAnswer(err) {
			t.Errorf("%s: %v; want a failure", name, err)
		}
	}
}

// inTurn lets one request of a load go at a time.
type inTurn struct {
	Side
	mu *sync.Mutex
}

func (i *inTurn) Issue(ctx context.Context, c Client, subject string) (Grant, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.Side.Issue(ctx, c, subject)
}

func (i *inTurn) IssueOwn(ctx context.Context, c Client) (string, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.Side.IssueOwn(ctx, c)
}

func (i *inTurn) Refresh(ctx context.Context, c Client, refresh string) (Grant, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.Side.Refresh(ctx, c, refresh)
}
