package scenarios

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/oauthbench/oauthbench/internal/oauth"
)

// fakeServer is an authorization server in memory, right unless a fault is planted.
type fakeServer struct {
	mu      sync.Mutex
	clients map[string]oauth.ClientSpec
	tokens  map[string]*fakeToken // access and refresh tokens by value
	codes   map[string]*fakeGrant // authorization codes
	devices map[string]*fakeGrant // by device code and by user code
	used    map[string]bool       // jti of assertions and proofs
	returns map[string]string     // users who have logged in and not returned yet, by verifier
	filled  []string              // clients at which consents were filled in, with their users
	issued  int
	key     *oauth.Key // that the published keys hold

	grace       time.Duration                      // in which a refresh token may be sent again
	life        time.Duration                      // of access tokens, unless their client says otherwise
	noLifetimes bool                               // cannot set a lifetime per client
	lacks       []oauth.Capability                 // that it would have
	sameToken   bool                               // gives a client the same access token until it ends
	oneToken    bool                               // a new access token ends the client's one before
	keeps       int                                // tokens of a client: the oldest ends with a new one; 0 for all
	keptOfAll   bool                               // keeps counts those of all clients together
	kept        map[string][]string                // access tokens by client, oldest first
	killAll     bool                               // one revocation ends all tokens of its client
	guarded     bool                               // introspection wants fakeBearer
	anyone      map[string]string                  // faults by path, see caller
	locksAfter  int                                // wrong credentials after which nobody is let in; 0 for never
	forgives    bool                               // the right ones start that count again
	failures    int                                // wrong credentials so far
	host        func(name string)                  // that was asked; nil for nobody who cares
	delay       func(sent time.Time) time.Duration // of every answer
	// breaks tells whether a request is not answered, for its connection ends.
	breaks func(form url.Values) bool
	// fault may replace an answer; ok false leaves it alone.
	fault func(path string, form url.Values, t *fakeToken) (code int, body string, ok bool)
}

// fakeGrant is what a user agreed to.
type fakeGrant struct {
	client, subject, scope string
	challenge              string
	approved, spent, dead  bool
}

type fakeToken struct {
	client, subject, scope string
	grant                  *fakeGrant // nil for client_credentials
	refresh                bool
	expires                time.Time
	revoked                bool
	rotated                time.Time // zero: not yet
}

func (t *fakeToken) live() bool {
	return t != nil && !t.revoked && t.rotated.IsZero() && !time.Now().After(t.expires) &&
		(t.grant == nil || !t.grant.dead)
}

func newFakeServer() *fakeServer {
	key, err := oauth.NewKey(oauth.ES256)
	if err != nil {
		panic(err)
	}
	return &fakeServer{
		clients: map[string]oauth.ClientSpec{}, tokens: map[string]*fakeToken{}, codes: map[string]*fakeGrant{},
		devices: map[string]*fakeGrant{}, used: map[string]bool{}, returns: map[string]string{}, key: key,
		life: time.Hour, kept: map[string][]string{},
	}
}

const fakeIssuer = "http://fake.test"

func (s *fakeServer) Endpoints() oauth.Endpoints {
	return oauth.Endpoints{
		Issuer: fakeIssuer, Authorization: fakeIssuer + "/authorize", Token: fakeIssuer + "/token",
		Introspection: fakeIssuer + "/introspect",
		Revocation:    fakeIssuer + "/revoke", Userinfo: fakeIssuer + "/userinfo", JWKS: fakeIssuer + "/jwks",
		DeviceAuthorization: fakeIssuer + "/device",
	}
}

// OwnErrors are as Hydra 1.x has them.
func (s *fakeServer) OwnErrors() []string { return []string{"token_inactive"} }

func (s *fakeServer) Capabilities() oauth.Capabilities {
	return slices.DeleteFunc(oauth.Capabilities{
		oauth.GrantClientCredentials, oauth.GrantRefreshToken, oauth.GrantAuthorizationCode, oauth.GrantDeviceCode,
		oauth.GrantJWTBearer,
		oauth.GrantTokenExchange, oauth.HasIntrospection, oauth.HasRevocation, oauth.HasUserinfo, oauth.HasJWKS,
		oauth.HasDiscovery,
		oauth.HasDPoP, oauth.CanSetLifetime, oauth.KillsAccessTokens, oauth.IntrospectsRefresh,
		oauth.AuthBasic, oauth.AuthPost, oauth.AuthNone, oauth.AuthSecretJWT, oauth.AuthPrivateKeyJWT,
		oauth.LoginReturn, oauth.PasswordLogin,
	}, func(c oauth.Capability) bool { return slices.Contains(s.lacks, c) })
}

func (s *fakeServer) RegisterClient(_ context.Context, spec oauth.ClientSpec) (oauth.Credential, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if spec.AccessTokenLifetime > 0 && s.noLifetimes {
		return oauth.Credential{}, fmt.Errorf("lifetime: %w", errors.ErrUnsupported)
	}
	if spec.AccessTokenLifetime == 0 {
		spec.AccessTokenLifetime = s.life
	}
	id := fmt.Sprintf("client-%d", len(s.clients))
	s.clients[id] = spec
	return oauth.Credential{Method: spec.AuthMethod, ClientID: id, Secret: fakeSecret}, nil
}

// Secrets of all clients and of the resource server.
const (
	fakeSecret = "0123456789abcdef0123456789abcdef"
	fakeBearer = "a-resource-server"
)

func (s *fakeServer) IntrospectionCredential(context.Context) (oauth.Credential, error) {
	if s.guarded {
		return oauth.Credential{Method: oauth.AuthBearer, Secret: fakeBearer}, nil
	}
	return oauth.Credential{}, nil
}

// admits tells whether a resource server may introspect.
func (s *fakeServer) admits(r *http.Request) bool {
	shown := r.Header.Get("Authorization")
	switch {
	case !s.guarded, shown == "Bearer "+fakeBearer:
		return true
	case shown == "":
		return s.anyone["/introspect"] == "none"
	}
	return s.anyone["/introspect"] == "secret"
}

func (s *fakeServer) Authorize(_ context.Context, a oauth.Authorization) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.RedirectURI != Callback || len(s.clients[a.ClientID].RedirectURIs) == 0 {
		return "", errors.New("redirect_uri that was not registered")
	}
	s.issued++
	code := fmt.Sprintf("code-%d", s.issued)
	s.codes[code] = &fakeGrant{client: a.ClientID, subject: a.Subject, scope: a.Scope, challenge: a.Challenge}
	return code, nil
}

// ReturnFromLogin is the way back of one user, which can be gone once, or what another sends from the login
// page.
func (s *fakeServer) ReturnFromLogin(_ context.Context, a oauth.Authorization) (oauth.Request, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.RedirectURI != Callback || len(s.clients[a.ClientID].RedirectURIs) == 0 {
		return oauth.Request{}, errors.New("redirect_uri that was not registered")
	}
	if strings.Contains(s.clients[a.ClientID].Name, "signin") {
		return oauth.Request{Method: http.MethodPost, URL: fakeIssuer + "/signin?state=" + url.QueryEscape(a.State),
			Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
			Body:   []byte("username=" + url.QueryEscape(a.Subject))}, nil
	}
	s.issued++
	verifier := fmt.Sprintf("login-%d", s.issued)
	s.returns[verifier] = a.Subject
	return oauth.Get(fakeIssuer + "/return?login_verifier=" + verifier), nil
}

func (s *fakeServer) FillConsents(_ context.Context, a oauth.Authorization, users int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.filled = append(s.filled, fmt.Sprintf("%s %d", a.ClientID, users))
	return nil
}

func (s *fakeServer) ApproveDevice(_ context.Context, a oauth.DeviceApproval) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.devices[a.UserCode]
	if g == nil {
		return errors.New("no such device")
	}
	g.approved, g.subject = true, a.Subject
	return nil
}

func (s *fakeServer) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.delay != nil {
		// No timer of no length: under the race detector and synctest Go 1.26 crashes.
		if d := s.delay(time.Now()); d > 0 {
			select {
			case <-time.After(d):
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
		}
	}
	if s.host != nil {
		s.host(r.URL.Host)
	}
	form := r.URL.Query()
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		posted, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, err
		}
		for name, values := range posted {
			form[name] = values
		}
	}
	if s.breaks != nil && s.breaks(form) {
		return nil, io.ErrUnexpectedEOF
	}
	header := http.Header{}
	code, answer := s.answer(r, form)
	if code == http.StatusFound {
		header.Set("Location", answer)
		answer = ""
	}
	return &http.Response{
		StatusCode: code, Status: http.StatusText(code), Header: header, Request: r,
		Body: io.NopCloser(strings.NewReader(answer)), ProtoMajor: 1, ProtoMinor: 1,
	}, nil
}

func (s *fakeServer) answer(r *http.Request, form url.Values) (int, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tokens[form.Get("token")]
	if s.fault != nil && !s.pretends(r, form) {
		if code, body, ok := s.fault(r.URL.Path, form, t); ok {
			return code, body
		}
	}
	switch r.URL.Path {
	case "/token":
		return s.token(r, form)
	case "/introspect":
		if !s.admits(r) {
			return 401, `{"error":"invalid_client"}`
		}
		if !t.live() {
			return 200, `{"active":false}`
		}
		answer, _ := json.Marshal(map[string]any{
			"active": true, "scope": t.scope, "client_id": t.client, "exp": t.expires.Unix(), "iss": fakeIssuer,
			"token_type": "Bearer", "sub": t.subject,
		})
		return 200, string(answer)
	case "/revoke":
		client, ok := s.caller(r, form)
		if !ok {
			return 401, `{"error":"invalid_client"}`
		}
		if t != nil && t.client == client {
			t.revoked = true
			for _, other := range s.tokens {
				other.revoked = other.revoked || s.killAll && other.client == client
			}
			if t.refresh {
				t.grant.dead = true
			}
		}
		return 200, ""
	case "/authorize":
		if form.Get("code_challenge_method") != "S256" || s.clients[form.Get("client_id")].RedirectURIs == nil {
			return 302, Callback + "?error=invalid_request"
		}
		return 302, fakeIssuer + "/login?id=1"
	case "/return":
		verifier := form.Get("login_verifier")
		if s.returns[verifier] == "" {
			return 302, fakeIssuer + "/oops?error=request_unauthorized"
		}
		delete(s.returns, verifier)
		return 302, fakeIssuer + "/consent?consent_challenge=" + verifier
	case "/signin":
		s.issued++
		return 302, fmt.Sprintf("%s?code=code-%d&state=%s", Callback, s.issued, url.QueryEscape(form.Get("state")))
	case "/device":
		s.issued++
		g := &fakeGrant{client: form.Get("client_id"), scope: form.Get("scope")}
		deviceCode, userCode := fmt.Sprintf("device-%d", s.issued), fmt.Sprintf("USER-%d", s.issued)
		s.devices[deviceCode], s.devices[userCode] = g, g
		return 200,
			fmt.Sprintf(
				`{"device_code":%q,"user_code":%q,"verification_uri":"http://fake.test/device",`+
					`"expires_in":600,"interval":5}`, deviceCode, userCode)
	case "/userinfo":
		_, value, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if t := s.tokens[value]; t.live() && (r.Header.Get("DPoP") == "" || s.proven(r)) {
			return 200, fmt.Sprintf(`{"sub":%q}`, t.subject)
		}
		return 401, `{"error":"invalid_token"}`
	case "/jwks":
		return 200, string(s.key.Set())
	case "/.well-known/oauth-authorization-server":
		return 200, `{"issuer":"http://fake.test","token_endpoint":"http://fake.test/token"}`
	}
	return 404, "no such page"
}

// httpOf is a client of a server in memory.
func httpOf(s http.RoundTripper) *http.Client { return &http.Client{Transport: s} }
