package stack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/oauthbench/oauthbench/internal/oauth"
)

// samples are tokens minted through the server to be copied.
const samples = 50

// Fill brings the database to the size of d before a measurement: clients and tokens
// are made through the server, then multiplied inside the database with new keys and
// realistic ages. The copies are what the server finds, indexes and deletes; only
// the minted ones can be presented, for nobody knows the copies' secrets. Revoked
// tokens are left as the server's own revocation leaves them.
//
// Foreign keys are not checked while it writes, for the copies refer to what exists;
// at the end the tables are vacuumed and analyzed and a checkpoint is done, so that
// no later trial pays for it. The error wraps errors.ErrUnsupported when the server
// has no rule for it.
func (s *Stack) Fill(ctx context.Context, d Dataset) (Filled, error) {
	f, err := filling{s}.fill(ctx, d)
	if err != nil {
		return f, fmt.Errorf("fill the database of %s: %w", s.spec, err)
	}
	return f, nil
}

// filling makes the rows that a data set is copied from.
type filling struct{ stack *Stack }

func (f filling) fill(ctx context.Context, d Dataset) (Filled, error) {
	if d.Grants > 0 {
		return Filled{Dataset: d}, errors.New("grants=N is for a rehearsal, which makes grants to be copied")
	}
	if len(f.stack.program.Growth) == 0 {
		return Filled{Dataset: d}, fmt.Errorf("%s has no rule for it: %w", f.stack.spec.Server, errors.ErrUnsupported)
	}
	if what := unknownPart(f.stack.program.Growth, d); what != "" {
		return Filled{Dataset: d}, fmt.Errorf("%s keeps no rows for %s of %s: %w", f.stack.spec.Server, what, d,
			errors.ErrUnsupported)
	}
	f.stack.consents = d.Consents
	if err := f.mintSamples(ctx, d.Revoked > 0); err != nil {
		return Filled{Dataset: d}, fmt.Errorf("make samples: %w", err)
	}
	return f.stack.store.Grow(ctx, f.stack.program.Growth, d, f.accessLifetime())
}

// unknownPart names a part of a data set that the rules make no rows of; "" when there is none.
func unknownPart(rules []Growth, d Dataset) string {
	if clients := (Dataset{Clients: d.Clients}); d.Clients > 0 && !grows(rules, clients) {
		return "clients"
	}
	if tokens := (Dataset{Tokens: d.Tokens, Revoked: d.Revoked}); d.Tokens > 0 && !grows(rules, tokens) {
		return "tokens"
	}
	return ""
}

// grows tells whether a data set is any rows at all.
func grows(rules []Growth, d Dataset) bool {
	return slices.ContainsFunc(rules, func(g Growth) bool { return g.Rows(d) > 0 })
}

// Multiply brings the database to the size of d from what a rehearsal has made through the
// server: whole grants, clients, and clients' own tokens, as Fill does.
func (r Rehearsed) Multiply(ctx context.Context, d Dataset) (Filled, error) {
	rules := append(slices.Clone(r.stack.program.Upgrade.Growth), r.stack.program.Growth...)
	if d.Grants > 0 && len(r.stack.program.Upgrade.Growth) == 0 || len(rules) == 0 {
		return Filled{Dataset: d}, fmt.Errorf("%s has no rule to multiply its rows: %w", r.stack.spec.Server,
			errors.ErrUnsupported)
	}
	if d.Tokens > 0 {
		d.Clients = max(d.Clients, 1) // whose they are
	}
	f, err := r.stack.store.Grow(ctx, rules, d, filling(r).accessLifetime())
	if err != nil {
		return f, fmt.Errorf("multiply the rows of %s: %w", r.stack.spec, err)
	}
	return f, nil
}

// mintSamples makes a client and some tokens through the server, and revokes one of them when a
// sample of that is wanted.
func (f filling) mintSamples(ctx context.Context, revoked bool) error {
	cred, err := f.stack.RegisterClient(ctx, oauth.ClientSpec{
		Name: "sample of a data set", AuthMethod: oauth.AuthBasic, GrantTypes: []string{"client_credentials"},
		Scope: "read",
	})
	if err != nil {
		return err
	}
	request := oauth.ClientCredentials(f.stack.Endpoints().Token, cred, "read")
	var last oauth.Token
	for range samples {
		if last, err = f.stack.access.Token(ctx, request); err != nil {
			return err
		}
	}
	if revoked {
		_, err = f.stack.access.Ask(ctx, oauth.Revoke(f.stack.Endpoints().Revocation, cred, last.AccessToken,
			"access_token"))
	}
	return err
}

// accessLifetime is that of the server's access tokens, 1 h unless it was set.
func (f filling) accessLifetime() time.Duration {
	if d, err := time.ParseDuration(f.stack.program.Settings["access_ttl"]); err == nil {
		return d
	}
	return time.Hour
}
