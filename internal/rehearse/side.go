package rehearse

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/internal/oauth"
	"github.com/oauthbench/oauthbench/scenarios/upgrade"
)

// server is what every server that can be rehearsed can do. A door that it does not have
// fails with errors.ErrUnsupported.
type server interface {
	Endpoints() oauth.Endpoints
	RegisterClient(ctx context.Context, spec oauth.ClientSpec) (oauth.Credential, error)
	Authorize(ctx context.Context, a oauth.Authorization) (code string, err error)
	EndConsent(ctx context.Context, subject string) error
	DeleteClient(ctx context.Context, id string) error
}

// side is one server as upgrade sees it (upgrade.Side).
type side struct {
	server   server
	resource oauth.Credential // Whoever introspects proves itself with it.
	// about asks for the state of a token where others than the resource are told of some, and says
	// whether the token's own client asks; nil where the resource is told of all.
	about func(token string) (r oauth.Request, own bool)
	http  *http.Client
	// change gives a client other metadata, by the names of RFC 7591; nil where there is no such door.
	change func(ctx context.Context, id string, metadata map[string]any) error
	probes []upgrade.Probe // of the server's own folder
}

// newHTTP is the client of one side, which trusts the server's authority, if it has one. Requests that hang
// end. It gives idle connections up before a server does, for a request that meets a connection's end is
// lost.
func newHTTP(trust *tls.Config) *http.Client {
	transport := &http.Transport{MaxIdleConnsPerHost: 32, IdleConnTimeout: time.Second, TLSClientConfig: trust}
	return &http.Client{Transport: transport, Timeout: time.Minute}
}

const scope = "read offline_access"

// callback is registered and never called.
const callback = "http://127.0.0.1/callback"

// spec is what every client of a rehearsal is.
func spec() oauth.ClientSpec {
	return oauth.ClientSpec{
		Name: "rehearsal", GrantTypes: []string{"authorization_code", "refresh_token", "client_credentials"},
		Scope:        scope,
		RedirectURIs: []string{callback}, AuthMethod: oauth.AuthBasic,
	}
}

func credential(c upgrade.Client) oauth.Credential {
	return oauth.Credential{Method: oauth.AuthBasic, ClientID: c.ID, Secret: c.Secret}
}

func (s *side) Register(ctx context.Context) (upgrade.Client, error) {
	c, err := s.server.RegisterClient(ctx, spec())
	return upgrade.Client{ID: c.ClientID, Secret: c.Secret}, err
}

// code is an authorization code that has not been redeemed, with what redeems it.
type code struct {
	Client   upgrade.Client `json:"client"`
	Code     string         `json:"code"`
	Verifier string         `json:"verifier"`
}

// begin logs a user in who agrees.
func (s *side) begin(ctx context.Context, c upgrade.Client, subject string) (code, error) {
	verifier, challenge := oauth.NewVerifier()
	text, err := s.server.Authorize(ctx, oauth.Authorization{
		ClientID: c.ID, RedirectURI: callback, Scope: scope, State: "rehearsal-state", Challenge: challenge,
		Subject: subject,
	})
	return code{c, text, verifier}, err
}

func (s *side) redeem(ctx context.Context, c code) (upgrade.Grant, error) {
	return s.grant(ctx, oauth.Code(s.server.Endpoints().Token, credential(c.Client), c.Code, callback, c.Verifier))
}

func (s *side) Issue(ctx context.Context, c upgrade.Client, subject string) (upgrade.Grant, error) {
	text, err := s.begin(ctx, c, subject)
	if err != nil {
		return upgrade.Grant{}, err
	}
	return s.redeem(ctx, text)
}

func (s *side) IssueOwn(ctx context.Context, c upgrade.Client) (string, error) {
	g, err := s.grant(ctx, oauth.ClientCredentials(s.server.Endpoints().Token, credential(c), "read"))
	return g.Access, err
}

func (s *side) Refresh(ctx context.Context, c upgrade.Client, refresh string) (upgrade.Grant, error) {
	return s.grant(ctx, oauth.Refresh(s.server.Endpoints().Token, credential(c), refresh))
}

func (s *side) grant(ctx context.Context, r oauth.Request) (upgrade.Grant, error) {
	body, err := s.send(ctx, r)
	if err != nil {
		return upgrade.Grant{}, err
	}
	token, err := oauth.ParseToken(body)
	return upgrade.Grant{Access: token.AccessToken, Refresh: token.RefreshToken}, err
}

func (s *side) Active(ctx context.Context, token string) (bool, error) {
	r := oauth.Introspect(s.server.Endpoints().Introspection, s.resource, token)
	own := false
	if s.about != nil {
		r, own = s.about(token)
	}
	body, err := s.send(ctx, r)
	var refused *refusal
	if own && errors.As(err, &refused) && refused.code == http.StatusUnauthorized {
		return false, nil // Its client is gone, and with it the token.
	}
	if err != nil {
		return false, err
	}
	seen, err := oauth.ParseIntrospection(body)
	return seen.Active, err
}

func (s *side) RevokeToken(ctx context.Context, c upgrade.Client, token string) error {
	_, err := s.send(ctx, oauth.Revoke(s.server.Endpoints().Revocation, credential(c), token, ""))
	return err
}

func (s *side) RevokeConsent(ctx context.Context, subject string) error {
	return s.server.EndConsent(ctx, subject)
}

func (s *side) DeleteClient(ctx context.Context, c upgrade.Client) error {
	return s.server.DeleteClient(ctx, c.ID)
}

func (s *side) SetSecret(ctx context.Context, c upgrade.Client) error {
	if s.change == nil {
		return errors.ErrUnsupported
	}
	return s.change(ctx, c.ID, map[string]any{"client_secret": c.Secret})
}

func (s *side) SetRight(ctx context.Context, c upgrade.Client, right string) error {
	if s.change == nil {
		return errors.ErrUnsupported
	}
	name, value, err := metadata(right)
	if err != nil {
		return err
	}
	return s.change(ctx, c.ID, map[string]any{name: value})
}

// What a right begins with.
const (
	rightScope    = "scope"
	rightAudience = "audience"
	rightMethod   = "authentication"
	rightGrant    = "grant"
)

// Rights are what is replaced of clients where there is a door for it.
func (s *side) Rights() []upgrade.Right {
	if s.change == nil {
		return nil
	}
	of := func(name, before, later string) upgrade.Right {
		return upgrade.Right{Name: name, Before: name + " " + before, Later: name + " " + later}
	}
	return []upgrade.Right{
		of(rightScope, "rehearsal.before", "rehearsal.later"),
		of(rightAudience, "https://before.test", "https://later.test"),
		of(rightMethod, oauth.AuthPost, oauth.AuthBasic),
		of(rightGrant, string(oauth.GrantClientCredentials), string(oauth.GrantAuthorizationCode)),
	}
}

// metadata are what a client has by a right, by its name in RFC 7591.
func metadata(right string) (name string, value any, err error) {
	kind, what, _ := strings.Cut(right, " ")
	switch kind {
	case rightScope:
		return "scope", scope + " " + what, nil
	case rightAudience:
		return "audience", []string{what}, nil
	case rightMethod:
		return "token_endpoint_auth_method", what, nil
	case rightGrant:
		return "grant_types", []string{what}, nil
	}
	return "", nil, fmt.Errorf("no right is called %q", right)
}

// MayUse asks for a token with a right, and without any other that is replaced.
func (s *side) MayUse(ctx context.Context, c upgrade.Client, right string) (bool, error) {
	cred, ask := credential(c), "read"
	var more []oauth.Param
	switch kind, what, _ := strings.Cut(right, " "); {
	case kind == rightScope:
		ask = what
	case kind == rightAudience:
		more = []oauth.Param{{Name: "audience", Value: what}}
	case kind == rightMethod:
		cred.Method = what
	case right == rightGrant+" "+string(oauth.GrantAuthorizationCode):
		if _, err := s.Issue(ctx, c, "user of "+c.ID); err != nil {
			return judged(err)
		}
		return true, nil
	}
	_, err := s.grant(ctx, oauth.ClientCredentials(s.server.Endpoints().Token, cred, ask, more...))
	if err != nil {
		return judged(err)
	}
	return true, nil
}

func (s *side) Knows(ctx context.Context, c upgrade.Client) (bool, error) {
	if _, err := s.IssueOwn(ctx, c); err != nil {
		return judged(err)
	}
	return true, nil
}

// Probes are those that every server has, and its own.
func (s *side) Probes() []upgrade.Probe {
	return append([]upgrade.Probe{s.refreshes(), s.codes()}, s.probes...)
}

// refreshes are sessions that are used, not only asked about: a refresh token that
// introspection calls inactive may work, and the other way round.
func (s *side) refreshes() upgrade.Probe {
	type session struct {
		Client upgrade.Client `json:"client"`
		Token  string         `json:"token"`
	}
	return upgrade.Probe{
		Kind: "session that is refreshed", Follows: true,
		Lost: "users must log in again: look at what the migration did to refresh tokens",
		Make: func(ctx context.Context, subject string) (string, error) {
			c, err := s.Register(ctx)
			if err != nil {
				return "", err
			}
			g, err := s.Issue(ctx, c, subject)
			return encode(session{c, g.Refresh}, err)
		},
		Ask: func(ctx context.Context, thing string) (bool, error) {
			var had session
			if err := json.Unmarshal([]byte(thing), &had); err != nil {
				return false, err
			}
			g, err := s.Refresh(ctx, had.Client, had.Token)
			if err != nil {
				return judged(err)
			}
			return s.Active(ctx, g.Access)
		},
	}
}

// codeLives is the longest lifetime of a code that RFC 6749 section 4.1.2 recommends.
const codeLives = 10 * time.Minute

// codes are logins that have been agreed to, whose code is on its way to the client.
func (s *side) codes() upgrade.Probe {
	return upgrade.Probe{
		Kind: "code in flight", Minor: true, Lives: codeLives,
		Lost: "users who log in at the moment of the switch must begin anew",
		Make: func(ctx context.Context, subject string) (string, error) {
			c, err := s.Register(ctx)
			if err != nil {
				return "", err
			}
			return encode(s.begin(ctx, c, subject))
		},
		Ask: func(ctx context.Context, thing string) (bool, error) {
			var had code
			if err := json.Unmarshal([]byte(thing), &had); err != nil {
				return false, err
			}
			if _, err := s.redeem(ctx, had); err != nil {
				return judged(err)
			}
			return true, nil
		},
	}
}

// encode is a thing as text.
func encode(thing any, err error) (string, error) {
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(thing)
	return string(text), err
}

// judged tells a refusal, which is an answer, from a server that cannot be asked.
func judged(err error) (alive bool, _ error) {
	var refused *refusal
	if errors.As(err, &refused) {
		return false, nil
	}
	return false, err
}

// refusal is an answer other than 200.
type refusal struct {
	path, status, reason string
	code                 int // of status
}

func (r *refusal) Error() string { return fmt.Sprintf("%s answered %s %s", r.path, r.status, r.reason) }

// answerLimit bounds an answer, in bytes.
const answerLimit = 1 << 20

// send gives the body of an answer that must be 200.
func (s *side) send(ctx context.Context, r oauth.Request) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	req.Header = r.Header.Clone()
	resp, err := s.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, answerLimit))
	if err == nil && resp.StatusCode != http.StatusOK {
		err = &refusal{req.URL.Path, resp.Status, oauth.ParseError(body), resp.StatusCode}
	}
	return body, err
}
