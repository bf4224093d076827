package scenarios

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"oauthbench/internal/oauth"
)

// habit is what a server does with the tokens of one client. All are right.
type habit uint8

const (
	habitMany habit = iota // each answer has a token of its own
	habitSame              // each answer has the same token, until it ends
	habitOne               // a new token ends the one before
)

// String says it in words.
func (h habit) String() string {
	return [...]string{
		"this server gives a client a token of its own with each answer",
		"this server gives a client the same token with each answer, until it ends",
		"with each new token this server ends the client's one before",
	}[h]
}

// fits is an error when a scenario needs more live tokens than the clients can have.
func (h habit) fits(scenario string, tokens, clients int) error {
	if h == habitMany || tokens <= clients {
		return nil
	}
	return fmt.Errorf("%v: %s needs a client for each token, and %s is %d", h, scenario, ClientsKey, clients)
}

// noticed is what a few tokens tell before there is any load.
type noticed struct {
	habit  habit
	newest string // a token that was not used for anything yet
	jwt    bool   // tokens are JWTs
	// refusal is the server's refusal to introspect its own tokens; nil when it does.
	refusal error
}

// looksNoticed is how often a token must be inactive before the server is said to have
// ended it.
const looksNoticed = 3

// notice mints a few tokens of one client, one after another, and introspects them.
func (t Target) notice(ctx context.Context, in *inspector, token string, c client) (noticed, error) {
	var n noticed
	var values []string
	for range 2 {
		tokens, err := t.mint(ctx, 1, func(int) (oauth.Request, error) {
			return oauth.ClientCredentials(token, c.Credential, t.Scope, t.named()), nil
		})
		if err != nil {
			return n, err
		}
		values = append(values, tokens[0].AccessToken)
	}
	n.newest, n.jwt = values[1], oauth.LooksLikeJWT(values[1])
	if values[0] == values[1] {
		n.habit = habitSame
	}
	if in.endpoint == "" {
		return n, nil
	}
	active, err := t.introspect(ctx, in.request(n.newest))
	if unsupportedToken(err) {
		n.refusal = err
		return n, nil
	}
	if err != nil || !active.Active || n.habit == habitSame {
		return n, nil // what else is wrong is for the trial to find
	}
	for range looksNoticed {
		older, err := t.introspect(ctx, in.request(values[0]))
		if err != nil || older.Active {
			return n, nil
		}
	}
	n.habit = habitOne
	return n, nil
}

// introspects is an error when the server does not introspect its own tokens.
func (n noticed) introspects() error {
	if n.refusal == nil {
		return nil
	}
	return fmt.Errorf("this server does not introspect its own tokens%s: %w (RFC 7009 section 2.2.1)", n.form(),
		n.refusal)
}

func (n noticed) form() string {
	if n.jwt {
		return ", which are JWTs"
	}
	return ""
}

// revocable revokes a token that is used for nothing else, and is an error when the server
// does not revoke its own tokens, or nobody could tell.
func (n noticed) revocable(ctx context.Context, t Target, endpoint string, c client) error {
	_, err := t.ask(ctx, oauth.Revoke(endpoint, c.Credential, n.newest, "access_token"))
	if unsupportedToken(err) {
		return fmt.Errorf("this server does not revoke its own tokens%s: %w (RFC 7009 section 2.2.1)", n.form(), err)
	}
	if err == nil && t.guest() {
		t.book.Left(-1)
	}
	return n.introspects()
}

// refused is an answer that is no success, with what the server said.
type refused struct {
	error
	status int
	name   string // of the OAuth error; "" for none
}

// unsupportedToken tells whether a token was refused for its kind.
func unsupportedToken(err error) bool {
	var r *refused
	return errors.As(err, &r) && r.name == "unsupported_token_type"
}

// caseRefusedInactive is an error where RFC 7662 section 2.2 wants active false.
const caseRefusedInactive = "revoked token refused, and not called inactive (RFC 7662 section 2.2)"

// refusedToken tells whether introspection refused a token with an error that is not about
// who asks.
func refusedToken(err error) bool {
	var r *refused
	return errors.As(err, &r) && refusesToken(r.status)
}

// refusesToken tells whether a status is an error of the request that is neither about who
// asks nor about how often.
func refusesToken(status int) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests, http.StatusRequestTimeout:
		return false
	}
	return status/100 == 4
}
