package scenarios

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// inspector looks at tokens off the clock, as a resource server would.
type inspector struct {
	target   Target
	endpoint string // of introspection; "" when there is none
	resource oauth.Credential
	keys     *oauth.KeyRing // nil when the server names no key set, or one that cannot be read
	unread   error          // why the key set cannot be read, which matters as soon as a token is a JWT
	habit    habit          // of the server with the tokens of one client, as far as it was noticed
}

func (t Target) inspector(ctx context.Context) (*inspector, error) {
	e := t.Server.Endpoints()
	in := &inspector{target: t, endpoint: e.Introspection}
	if t.blind != "" {
		in.endpoint = ""
	}
	var err error
	if in.endpoint != "" {
		if in.resource, err = t.Server.IntrospectionCredential(ctx); err != nil {
			return nil, err
		}
	}
	if e.JWKS == "" {
		return in, nil
	}
	keys, err := in.published(ctx)
	switch {
	case ctx.Err() != nil:
		return in, context.Cause(ctx)
	case err != nil:
		in.unread = err
		t.book.Once("", "the key set cannot be read",
			fmt.Sprintf("the key set cannot be read (%v): as long as no token "+
				"is a JWT, nobody needs it", err))
	default:
		in.keys = &oauth.KeyRing{First: keys}
	}
	return in, nil
}

// published are the server's keys as they are now. None is right as long as no token is a
// JWT.
func (in *inspector) published(ctx context.Context) (oauth.Keys, error) {
	address := in.target.Server.Endpoints().JWKS
	body, err := in.target.ask(ctx, oauth.Get(address))
	if err != nil {
		return oauth.Keys{}, err
	}
	keys, err := oauth.ParseKeys(body)
	in.target.book.Odd("key set", keys.Odd)
	if keys.Private {
		in.target.book.Accuse(bench.Flaw{Check: checkKeySet, What: privateKey})
	}
	if errors.Is(err, oauth.ErrNoKeys) {
		return keys, nil
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", address, err)
	}
	return keys, err
}

func (in *inspector) request(token string) oauth.Request {
	return oauth.Introspect(in.endpoint, in.resource, token)
}

// aboutRefresh asks for the state of a refresh token: as a resource server does or, where the
// server wants that, as the client whose it is.
func (in *inspector) aboutRefresh(c client, token string) oauth.Request {
	if in.target.can(oauth.IntrospectsHinted) {
		return oauth.Introspect(in.endpoint, c.Credential, token, "refresh_token")
	}
	return in.request(token)
}

// seen tells whether an endpoint calls a token active, by a time at the latest. An error is
// the context's; an endpoint without an answer says nothing.
func (in *inspector) seen(ctx context.Context, endpoint, token string, until time.Time) (active, answered bool,
	err error) {
	for delay := firstDelay; ; delay *= 2 {
		a, err := in.target.introspect(ctx, oauth.Introspect(endpoint, in.resource, token))
		if err == nil && a.Active {
			return true, true, nil
		}
		answered = answered || err == nil
		if left := time.Until(until); ctx.Err() != nil || left <= 0 {
			return false, answered, context.Cause(ctx)
		} else if err := generator.Pause(ctx, min(delay, left)); err != nil {
			return false, answered, err
		}
	}
}

// notes tells what cannot be looked at.
func (in *inspector) notes() []string {
	if in.target.blind != "" {
		return []string{in.target.blind}
	}
	if in.endpoint == "" {
		return []string{"no introspection endpoint: issued tokens are not looked at again"}
	}
	return nil
}

// promise is what an answer granted, which its token must keep.
type promise struct {
	clientID, scope string
	subject         string        // the user who granted it; "" when none did
	audience        string        // that it was asked for; "" when it was not
	asked           time.Time     // when the token was; zero: not known
	answered        time.Time     // when it came
	life            time.Duration // expires_in; 0: not told
}

// claimsOf says what is wrong with the claims of a live token, said at a time; "" when
// nothing is. Claims that are absent are not judged: RFC 7662 section 2.2 makes all
// optional.
func (in *inspector) claimsOf(a oauth.Introspection, p promise, at time.Time) string {
	switch {
	case p.subject != "" && a.Subject != "" && a.Subject != p.subject:
		return "active token of another user"
	case a.ClientID != "" && a.ClientID != p.clientID:
		return "active token with another client_id"
	case !granted(p.scope, a.Scope):
		return "active token without its scope"
	case !in.issuedBy(a.Issuer, false):
		return "active token of another issuer"
	case !in.carries("introspection answer", p.audience, a.Audience):
		return "active token for another audience"
	case p.subject == "" && a.Subject != "" &&
		!in.target.book.Agreed("introspected sub of client "+p.clientID, a.Subject):
		return "active token with another sub than the client's other tokens"
	}
	if what := in.datesOf(oauth.Dates{Issued: a.Iat, NotBefore: a.Nbf, Expires: a.Exp}, p, at); what != "" {
		return "active token with an " + what
	}
	if !in.tells("introspection answer", p.scope, a.Scope) {
		return "active token without the scope that others of this server carry"
	}
	if a.TokenType != "" && !slices.Contains(tokenTypes, strings.ToLower(a.TokenType)) {
		in.target.book.Note("",
			"introspection has a token_type that is none (RFC 7662 section 2.2, RFC 6749 section 5.1)")
	}
	return ""
}

// datesOf says what is wrong with the dates of a token.
func (in *inspector) datesOf(d oauth.Dates, p promise, at time.Time) string {
	by := in.target.book.Skew()
	m := oauth.Moment{Now: at, Skew: by, Asked: p.asked, Answered: p.answered, Promised: p.life}
	what, skew := d.Judge(m)
	switch {
	case what != "":
	case skew != by:
		in.target.book.Skewed(skew)
	case d.Generous(m):
		in.target.book.Note("", "tokens live more than twice as long as their expires_in says")
	}
	return what
}

// tokenTypes are those of RFC 6750 and RFC 9449, and what servers say that take the
// member for the kind of token.
var tokenTypes = []string{"bearer", "dpop", "access_token"}

// issuedBy tells whether iss may be the issuer of the server's tokens; "" is not judged.
// Some servers give tokens another issuer than their metadata by design (Entra ID, AD FS):
// at one that we did not set up that is so noted, as long as it is always the same and the
// token does not promise RFC 9068, whose section 4 wants the metadata's.
func (in *inspector) issuedBy(iss string, strict bool) bool {
	e := in.target.Server.Endpoints()
	switch {
	case iss == "" || e.Issuer == "" && e.TokenIssuer == "":
		return true
	case e.TokenIssuer != "":
		return oauth.SameIssuer(iss, e.TokenIssuer)
	case oauth.SameIssuer(iss, e.Issuer):
		return true
	case strict || !in.target.guest() || !in.target.book.Agreed("iss", iss):
		why := ""
		if strict {
			why = "; of a JWT whose typ is at+jwt RFC 9068 section 4 wants the metadata's, unless token_issuer is set"
		}
		in.target.book.Once("", "a token names another issuer", fmt.Sprintf("a token names the issuer %s, and the "+
			"metadata %s%s", oauth.Quote(iss), oauth.Quote(e.Issuer), why))
		return false
	}
	in.target.book.Once("", "tokens name another issuer than the metadata",
		fmt.Sprintf("tokens name the issuer %s, and the metadata %s: "+
			"set token_issuer to check that it stays so", oauth.Quote(iss), oauth.Quote(e.Issuer)))
	return true
}

// carries tells whether a token carries the audience that was asked for, as far as it must.
// No specification has that parameter for all grants. A server that is not ours may ignore
// it, which is noted, and so for all tokens; an absent audience is not judged otherwise.
func (in *inspector) carries(kind, asked string, aud oauth.Audience) bool {
	switch carried := slices.Contains(aud, asked); {
	case asked == "":
		return true
	case !in.target.guest():
		return carried || len(aud) == 0
	case !in.target.book.Agreed("audience in "+kind, strconv.FormatBool(carried)):
		return false
	case !carried:
		in.target.book.Once("", "the audience has no effect in "+kind,
			fmt.Sprintf("audience %s was asked for, and no %s carries it", oauth.Quote(asked), kind))
	}
	return true
}

// tells tells whether a token says its scope as the others do that were granted one: all of them, or
// none, which is noted at a server that is not ours.
func (in *inspector) tells(kind, granted, said string) bool {
	if granted == "" {
		return true
	}
	if !in.target.book.Agreed("scope in "+kind, strconv.FormatBool(said != "")) {
		return false
	}
	if said != "" || !in.target.guest() {
		return true
	}
	how := "asked for"
	if granted != in.target.Scope {
		how = "granted"
	}
	in.target.book.Once("", "the scope has no effect in "+kind,
		fmt.Sprintf("scope %s was %s, and no %s carries any", oauth.Quote(granted), how, kind))
	return true
}

// expiredLifetime is how long the tokens live that are introspected as expired.
// expiryLeeway is how long we wait beyond it: servers count in whole seconds, and
// clocks of a server and its database may differ a little.
const (
	expiredLifetime = 1 * time.Second
	expiryLeeway    = oauth.Leeway
)

// habit is what a server does with the tokens of one client. All are right.
type habit uint8

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
	if n.jwt && in.unread != nil {
		return n, in.unread
	}
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
	return fmt.Errorf("this server does not introspect its own tokens%s: %w (RFC 7009 section 2.2.1)%s", n.form(),
		n.refusal, n.instead())
}

func (n noticed) form() string {
	if n.jwt {
		return ", which are JWTs"
	}
	return ""
}

// instead is what can be measured of such a server.
func (n noticed) instead() string {
	if n.jwt {
		return "; leave this scenario out: token checks them by signature, as resource servers do"
	}
	return "; leave this scenario out"
}

// revocable revokes a token that is used for nothing else, and is an error when the server
// does not revoke its own tokens, or nobody could tell.
func (n noticed) revocable(ctx context.Context, t Target, endpoint string, c client) error {
	_, err := t.ask(ctx, oauth.Revoke(endpoint, c.Credential, n.newest, "access_token"))
	if unsupportedToken(err) {
		return fmt.Errorf("this server does not revoke its own tokens%s: %w (RFC 7009 section 2.2.1)%s", n.form(), err,
			n.instead())
	}
	if t.guest() && isRefusal(err) {
		return fmt.Errorf("this server does not revoke its own tokens%s: %w%s", n.form(), err, n.instead())
	}
	if err == nil && t.guest() {
		t.book.Left(-1)
	}
	return n.introspects()
}

// caseRefusedInactive is an error where RFC 7662 section 2.2 wants active false.
const caseRefusedInactive = "revoked token refused, and not called inactive (RFC 7662 section 2.2)"

const (
	habitMany habit = iota // each answer has a token of its own
	habitSame              // each answer has the same token, until it ends
	habitOne               // a new token ends the one before
)
