package scenarios

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/internal/oauth"
)

// greet tries the client of a server that is not ours once, before anything else: a
// thousand wrong logins would lock it, and whoever typed the secret wants to know now. It
// also asks introspection once, which at many servers is for other clients.
// What it learns of introspection is in the target that it returns.
func greet(ctx context.Context, t Target, chosen []Scenario) (Target, error) {
	e := t.Server.Endpoints()
	if !t.guest() || e.Token == "" || !slices.ContainsFunc(chosen, needs(oauth.GrantClientCredentials)) {
		return t, nil
	}
	one := t
	one.Parameters.Clients = 1
	clients, err := one.clients(ctx, "greeting", nil)
	if err != nil {
		return t, err
	}
	r, err := clients[0].prove(oauth.ClientCredentials(e.Token, clients[0].Credential, t.Scope, t.named()), time.Now(),
		"")
	if err != nil {
		return t, err
	}
	got, err := t.send(ctx, *r)
	if err != nil {
		return t, err
	}
	if refusesClient(got.status) {
		err := refusedAt(*r, got, nil)
		if got.status == http.StatusUnauthorized || oauth.ParseError(got.body) == "invalid_client" {
			err = fmt.Errorf("%w%s", err, sentAs(clients[0].Credential))
		}
		return t, err
	}
	token, err := oauth.ParseToken(got.body)
	if err != nil || got.status != http.StatusOK || e.Introspection == "" {
		return t, nil // the load will tell, each answer by its case
	}
	t.book.Left(1)
	return greetIntrospection(ctx, t, chosen, token.AccessToken)
}

// greetIntrospection asks for a token that was just issued. Where introspection refuses, or
// shows this client nothing, scenarios that cannot do without it end here; the others go on
// without.
func greetIntrospection(ctx context.Context, t Target, chosen []Scenario, token string) (Target, error) {
	in, err := t.inspector(ctx)
	if err != nil {
		return t, err
	}
	r := in.request(token)
	got, err := t.send(ctx, r)
	if err != nil {
		return t, err
	}
	said := ""
	switch {
	case got.status == http.StatusUnauthorized || got.status == http.StatusForbidden:
		said = fmt.Sprintf("%v: introspection refuses this client%s; many servers want the credentials of a "+
			"resource there "+ofResource, refusedAt(r, got, nil), sentAs(in.resource))
	case got.status == http.StatusOK:
		a, err := oauth.ParseIntrospection(got.body)
		if err != nil || a.Active {
			return t, nil
		}
		active, _, err := in.seen(ctx, in.endpoint, token, time.Now().Add(revocationPatience))
		if err != nil || active {
			return t, err
		}
		said = r.URL + " calls a token inactive that was issued a moment ago" + in.whyHidden(token) + ofResource
	case got.status == http.StatusNotImplemented, isRefusal(refusedAt(r, got, nil)) &&
		oauth.ParseError(got.body) != "unsupported_token_type":
		said = fmt.Sprintf("%v: introspection refuses a token that was issued a moment ago", refusedAt(r, got, nil))
	default:
		return t, nil // of what it says of tokens, others take notice
	}
	if i := slices.IndexFunc(chosen, needs(oauth.HasIntrospection)); i >= 0 {
		return t, fmt.Errorf("scenario %s cannot be measured here: %s", chosen[i].Name, said)
	}
	if got.status != http.StatusUnauthorized && got.status != http.StatusForbidden &&
		(in.keys == nil || !oauth.LooksLikeJWT(token)) {
		return t, fmt.Errorf("whether issued tokens are good for anything cannot be told here: %s", said)
	}
	t.blind = "issued tokens are not introspected: " + said
	return t, nil
}

// ofResource is how the credentials of a resource are given.
const ofResource = "(introspection_client_id_env, introspection_client_secret_env, or introspection_token_env)"

// whyHidden says why introspection may call a live token inactive: RFC 7662 section 2.2
// wants that of a token which whoever asks may not see. A server that calls all tokens
// inactive cannot be told from that.
func (in *inspector) whyHidden(token string) string {
	why := ": it may be that tokens are shown to the resources alone that they are for (RFC 7662 section 2.2)"
	if j, err := oauth.ReadJWT(token); err == nil && oauth.LooksLikeJWT(token) {
		c := j.Claims
		switch own := in.target.Server.Endpoints().Issuer; {
		case own != "" && c.Issuer != "" && !oauth.SameIssuer(c.Issuer, own):
			why = fmt.Sprintf(": its iss is %s, and the server's name here %s", oauth.Quote(c.Issuer), oauth.Quote(own))
		case in.resource.ClientID == "" || slices.Contains(c.Audience, in.resource.ClientID):
		case len(c.Audience) == 0:
			why += ", and it has no aud"
		default:
			why += fmt.Sprintf(", and its aud is %s", oauth.Quote(strings.Join(c.Audience, " ")))
		}
	}
	return why + "; put this client into the audience, or give the credentials of such a resource "
}

// refusesClient tells whether a status may be about who asks.
func refusesClient(status int) bool {
	return status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusBadRequest
}

// sentAs says how a client was proven, as far as that may be why it was refused.
func sentAs(c oauth.Credential) string {
	return c.Blank("; ") + sentBy(c)
}

func sentBy(c oauth.Credential) string {
	switch c.Method {
	case oauth.AuthBasic:
		if url.QueryEscape(c.ClientID) != c.ClientID || url.QueryEscape(c.Secret) != c.Secret {
			return "; id and secret were sent by client_secret_basic, form-encoded (RFC 6749 section 2.3.1), which " +
				"changes characters of these: " +
				"servers that do not decode them take auth=client_secret_post"
		}
		return "; id and secret were sent by client_secret_basic: auth=client_secret_post may be what it takes"
	case oauth.AuthPost:
		return "; id and secret were sent by client_secret_post: auth=client_secret_basic may be what it takes"
	case oauth.AuthBearer:
		return "; a bearer token was sent"
	}
	return ""
}

// reaction is what a server does with a token that it never issued. None of the three: it had no time for it (429).
type reaction struct {
	active, inactive bool
	refused          string // and how
}

// reactions asks each of n questions once. Whoever answers none of them, nor one about a live token, is away, which is
// an error.
func reactions(ctx context.Context, t Target, n int, question func(i int) oauth.Request,
	live oauth.Request) ([]reaction, error) {
	seen, broken := make([]reaction, n), make([]error, n)
	err := t.each(ctx, n, func(ctx context.Context, i int) error {
		got, err := t.send(ctx, question(i))
		if err != nil {
			broken[i] = err
			seen[i].refused = "with a broken connection"
			return context.Cause(ctx)
		}
		seen[i] = reactionOf(got.status, got.body)
		return nil
	})
	if err == nil && n > 0 && !slices.Contains(broken, nil) {
		if _, away := t.introspect(ctx, live); away != nil {
			err = broken[0]
		}
	}
	return seen, err
}

func reactionOf(status int, body []byte) reaction {
	a, err := oauth.ParseIntrospection(body)
	switch {
	case status == http.StatusTooManyRequests:
		return reaction{}
	case status != http.StatusOK:
		return reaction{refused: "with " + strconv.Itoa(status)}
	case err != nil:
		return reaction{refused: "with an answer that tells nothing"}
	}
	return reaction{active: a.Active, inactive: !a.Active}
}
