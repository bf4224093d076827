package scenarios

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// poolMost bounds how many users' tokens are made for scenarios that use them again.
const poolMost = 200

// pool is users' access tokens, each good for any number of requests.
type pool struct {
	users   *users
	grants  []grant
	expires time.Time // of the first; zero: not told
}

// pool makes a pool of one token for each subject, within bounds.
func (t Target) pool(ctx context.Context, scenario string) (*pool, error) {
	u, err := t.users(ctx, scenario, openID)
	if err != nil {
		return nil, err
	}
	p := &pool{users: u}
	return p, p.renew(ctx)
}

func (p *pool) renew(ctx context.Context) error {
	begin := time.Now()
	var err error
	n := min(max(p.users.target.Parameters.Subjects, p.users.target.Parameters.Clients), poolMost)
	if p.grants, err = p.users.grants(ctx, n); err != nil {
		return err
	}
	p.expires = time.Time{}
	for _, g := range p.grants {
		at := begin.Add(g.Life())
		if g.ExpiresIn > 0 && (p.expires.IsZero() || at.Before(p.expires)) {
			p.expires = at
		}
	}
	return nil
}

// ready makes sure that the tokens live until a trial's last answer.
func (p *pool) ready(ctx context.Context, ask Ask) error {
	const margin = time.Minute
	if p.expires.IsZero() || time.Until(p.expires) > ask.span()+margin {
		return nil
	}
	if err := p.renew(ctx); err != nil {
		return err
	}
	if left := time.Until(p.expires); left < ask.span() {
		return tooShort(left, ask)
	}
	return nil
}

// tooShort is the error of a trial that is longer than its tokens live.
func tooShort(left time.Duration, ask Ask) error {
	return fmt.Errorf("tokens live %v, the trial takes %v and its last answer may take %v more: lengthen the server's access token lifetime",
		left.Round(time.Second), ask.Length, ask.Timeout)
}

// picks draws the token of each arrival.
func (p *pool) picks(rng *rand.Rand, n int) []int32 {
	picks := make([]int32, n)
	for i := range picks {
		picks[i] = rng.Int32N(int32(len(p.grants)))
	}
	return picks
}
