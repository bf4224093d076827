// Package beside asks two servers that serve on one database at the same time, as in a rolling
// update, whether each heeds what was done at the other. Servers that keep sessions in memory tell
// each other of changes; two versions may not, and both are healthy all the while. Two instances of
// the same version, asked first, tell what the upgrade is not to blame for.
//
// The package knows no server: both are sides of a rehearsal.
package beside

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/oauthbench/oauthbench/scenarios/upgrade"
)

// Door is one way to end something at a server, or one kind of thing that it has made, with what the
// other server says of it.
type Door struct {
	Name  string `json:"name"`
	Of    int    `json:"of"`
	Wrong int    `json:"wrong"` // of these, that the other does not heed
	// Strange are those that could not be asked about: the other calls live tokens inactive from the first.
	Strange int    `json:"strange,omitempty"`
	Thing   bool   `json:"thing,omitempty"`
	Lost    string `json:"lost,omitempty"` // what it means when such a thing is not good at the other
}

// Patience is how long a server may take to learn of what was done at the other.
const Patience = 3 * time.Second

// between is how long a server is left alone that has not learnt of it yet.
const between = 100 * time.Millisecond

// Ask does at one server what ends tokens, so often through each door, and asks the other, which has
// been asked about each before. Of what servers keep beside tokens it asks the other whether what the
// one has made is good there. A door that a server does not have is left out.
func Ask(ctx context.Context, at, other upgrade.Side, times int) (all []Door, err error) {
	for _, d := range doors {
		door := Door{Name: d.name}
		for i := range times {
			heeded, err := one(ctx, at, other, d, fmt.Sprintf("beside, %s %d", d.name, i))
			if errors.Is(err, errors.ErrUnsupported) {
				break
			}
			if errors.Is(err, errStrange) {
				door.Strange++
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", d.name, err)
			}
			door.Of++
			if !heeded {
				door.Wrong++
			}
		}
		if door.Of+door.Strange > 0 {
			all = append(all, door)
		}
	}
	things, err := askThings(ctx, at, other, times)
	return append(all, things...), err
}

// door is how a grant is ended at a server.
type door struct {
	name string
	end  func(ctx context.Context, at upgrade.Side, c upgrade.Client, g upgrade.Grant, subject string) error
	// used says that it exchanges the refresh token, which the other must not exchange again.
	used bool
	// dated says that it ends what is older than now, of which servers count whole seconds.
	dated bool
}

// aSecond is a little more than the time after which a grant is older than now in whole seconds.
const aSecond = 1100 * time.Millisecond

var doors = []door{
	{name: "an access token is revoked", end: func(ctx context.Context, at upgrade.Side, c upgrade.Client,
		g upgrade.Grant, _ string) error {
		return at.RevokeToken(ctx, c, g.Access)
	}},
	{name: "a refresh token is revoked", end: func(ctx context.Context, at upgrade.Side, c upgrade.Client,
		g upgrade.Grant, _ string) error {
		return at.RevokeToken(ctx, c, g.Refresh)
	}},
	{name: "a user is logged out", dated: true, end: func(ctx context.Context, at upgrade.Side, _ upgrade.Client,
		_ upgrade.Grant, subject string) error {
		return at.RevokeConsent(ctx, subject)
	}},
	{name: "a client is deleted", end: func(ctx context.Context, at upgrade.Side, c upgrade.Client,
		_ upgrade.Grant, _ string) error {
		return at.DeleteClient(ctx, c)
	}},
	{name: "a refresh token is used", used: true, end: func(ctx context.Context, at upgrade.Side, c upgrade.Client,
		g upgrade.Grant, _ string) error {
		_, err := at.Refresh(ctx, c, g.Refresh)
		return err
	}},
}

// errStrange says that the other server calls a live token inactive, so that it cannot be asked what
// it heeds.
var errStrange = errors.New("the other server calls a live token inactive")

// one makes a grant at a server, has the other see it, ends it, and tells whether the other heeds that.
func one(ctx context.Context, at, other upgrade.Side, d door, subject string) (heeded bool, err error) {
	c, err := at.Register(ctx)
	if err != nil {
		return false, err
	}
	g, err := at.Issue(ctx, c, subject)
	if err != nil {
		return false, err
	}
	known, err := other.Active(ctx, g.Access)
	if err == nil && !known {
		err = errStrange
	}
	if err != nil {
		return false, err
	}
	if d.dated {
		if err := wait(ctx, aSecond); err != nil {
			return false, err
		}
	}
	if err := d.end(ctx, at, c, g, subject); err != nil {
		return false, err
	}
	if d.used {
		_, err := other.Refresh(ctx, c, g.Refresh)
		return err != nil, ctx.Err()
	}
	for begun := time.Now(); ; {
		active, err := other.Active(ctx, g.Access)
		if err != nil || !active {
			return !active, err
		}
		if time.Since(begun) > Patience {
			return false, nil
		}
		if err := wait(ctx, between); err != nil {
			return false, err
		}
	}
}

// wait waits for so long, or until nobody wants to know any more.
func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// askThings asks the other server about what the one keeps beside tokens.
func askThings(ctx context.Context, at, other upgrade.Side, times int) (all []Door, err error) {
	for _, p := range at.Probes() {
		d := Door{Name: string(p.Kind), Thing: true, Lost: p.Lost}
		for i := range times {
			made, err := p.Make(ctx, fmt.Sprintf("beside, %s %d", p.Kind, i))
			if errors.Is(err, errors.ErrUnsupported) {
				break
			}
			if err != nil {
				return nil, fmt.Errorf("make %s: %w", p.Kind, err)
			}
			for _, q := range other.Probes() {
				if q.Kind != p.Kind {
					continue
				}
				good, err := q.Ask(ctx, made)
				if err != nil {
					return nil, fmt.Errorf("ask about %s: %w", p.Kind, err)
				}
				d.Of++
				if !good {
					d.Wrong++
				}
			}
		}
		if d.Of > 0 {
			all = append(all, d)
		}
	}
	return all, nil
}
