package stack

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/oauthbench/oauthbench/containers/engine"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// RegisterClient makes a confidential client through the server's admin interface.
// The error wraps errors.ErrUnsupported when the server cannot give it what was
// asked for.
func (s *Stack) RegisterClient(ctx context.Context, spec oauth.ClientSpec) (oauth.Credential, error) {
	c, err := s.program.Register(ctx, s.access, spec)
	if err != nil {
		return oauth.Credential{}, fmt.Errorf("register client at %s: %w", s.spec, err)
	}
	return c, nil
}

// IntrospectionCredential is how a resource server proves itself at the
// introspection endpoint; the zero Credential when nothing is needed there.
func (s *Stack) IntrospectionCredential(ctx context.Context) (oauth.Credential, error) {
	c, err := s.program.Introspection(ctx, s.access)
	if err != nil {
		return oauth.Credential{}, fmt.Errorf("introspection credential of %s: %w", s.spec, err)
	}
	return c, nil
}

// CallbackURL is where clients with the authorization_code grant have their codes sent
// when their registration names no place. Nobody listens there: Authorize reads the
// code from the redirection.
const CallbackURL = "http://127.0.0.1/callback"

// Redirects are where a client has its codes sent.
func Redirects(spec oauth.ClientSpec) []string {
	if len(spec.RedirectURIs) > 0 {
		return spec.RedirectURIs
	}
	return []string{CallbackURL}
}

// Authorize plays a user who logs in and agrees, and returns the authorization code
// (RFC 6749 section 4.1.2). The error wraps errors.ErrUnsupported when the server
// cannot be asked without a user.
func (s *Stack) Authorize(ctx context.Context, a oauth.Authorization) (code string, err error) {
	fail := func(err error) (string, error) { return "", fmt.Errorf("authorize at %s: %w", s.spec, err) }
	if s.program.Authorize == nil {
		return fail(fmt.Errorf("%s wants a user at a browser: %w", s.spec.Server, errors.ErrUnsupported))
	}
	if a.RedirectURI == "" {
		a.RedirectURI = CallbackURL
	}
	if a.State == "" {
		a.State = engine.Random(12)
	}
	u, err := s.program.Authorize(ctx, s.access, browserOf(s), a)
	if err != nil {
		return fail(err)
	}
	if code = u.Query().Get("code"); code == "" {
		return fail(fmt.Errorf("no code: %s %s", u.Query().Get("error"), u.Query().Get("error_description")))
	}
	if got := u.Query().Get("state"); got != a.State {
		return fail(fmt.Errorf("state %q came back, not %q", got, a.State))
	}
	return code, nil
}

// SubjectOf is the SQL expression of the user with a number, as workloads name their users.
func SubjectOf(number string) string { return `'user-' || (` + number + `)` }

// ReturnFromLogin has a user begin an authorization and log in, and gives the request with which
// the browser goes back to the server; where users log in at the server itself, the request with which
// it sends what they have typed. The error wraps errors.ErrUnsupported where neither is known.
func (s *Stack) ReturnFromLogin(ctx context.Context, a oauth.Authorization) (oauth.Request, error) {
	err := fmt.Errorf("nothing is known of how users of %s log in: %w", s.spec.Server, errors.ErrUnsupported)
	browser, request := browserOf(s), oauth.Request{Header: http.Header{}}
	switch {
	case s.program.SignIn != nil:
		request, err = s.program.SignIn(ctx, s.access, browser, a)
	case s.program.Return != nil:
		request.Method = http.MethodGet
		request.Header.Set("Accept", "text/html")
		request.URL, err = s.program.Return(ctx, s.access, browser, a)
	}
	if err != nil {
		return oauth.Request{}, fmt.Errorf("log in at %s: %w", s.spec, err)
	}
	request.Header.Set("Cookie", browser.Cookies())
	return request, nil
}

// FillConsents gives each of the first users the consents of the data set at a client: one is made
// by a user, and multiplied in the database. Nothing is done where the data set has none.
func (s *Stack) FillConsents(ctx context.Context, a oauth.Authorization, users int) error {
	if s.consents == 0 {
		return nil
	}
	fail := func(err error) error { return fmt.Errorf("fill consents at %s: %w", s.spec, err) }
	rule := s.program.Consents
	if rule.Growth == nil {
		return fail(fmt.Errorf("%s has no rule for it: %w", s.spec.Server, errors.ErrUnsupported))
	}
	(&boot{s}).tell("filling the database: %d consents of each of %d users", s.consents, users)
	a.Subject = "user-0"
	if err := rule.Remember(ctx, s.access, browserOf(s), a); err != nil {
		return fail(err)
	}
	growth := rule.Growth(a.ClientID, s.consents, int64(users))
	if _, err := s.store.Grow(ctx, growth, Dataset{}, filling{s}.accessLifetime()); err != nil {
		return fail(err)
	}
	return nil
}

// ApproveDevice plays a user who agrees to a device (RFC 8628 section 3.3). The error
// wraps errors.ErrUnsupported when the server has no device flow.
func (s *Stack) ApproveDevice(ctx context.Context, a oauth.DeviceApproval) error {
	err := fmt.Errorf("%s has no device flow that can be driven without a user: %w", s.spec.Server,
		errors.ErrUnsupported)
	if s.program.Approve != nil {
		err = s.program.Approve(ctx, s.access, browserOf(s), a)
	}
	if err != nil {
		return fmt.Errorf("approve a device at %s: %w", s.spec, err)
	}
	return nil
}

func browserOf(s *Stack) *Browser { return s.access.Browser(instead(s)) }

// TLS is the configuration of clients that reach the server: they trust its authority
// alone. It is nil when the server speaks plain HTTP. It stays valid over a Restart.
func (s *Stack) TLS() *tls.Config {
	if s.access.trust == nil {
		return nil
	}
	return s.access.trust.Clone()
}

// ClientCertificate makes what a client shows that is registered for tls_client_auth
// with subjectDN, which must be of the form CN=name. The error wraps
// errors.ErrUnsupported when the server gives none.
func (s *Stack) ClientCertificate(ctx context.Context, subjectDN string) (tls.Certificate, error) {
	fail := func(err error) (tls.Certificate, error) {
		return tls.Certificate{}, fmt.Errorf("client certificate of %s for %q: %w", s.spec, subjectDN, err)
	}
	name, ok := strings.CutPrefix(subjectDN, "CN=")
	switch {
	case s.access.trust == nil || s.program.Certificate == nil:
		return fail(fmt.Errorf("it speaks plain HTTP: %w", errors.ErrUnsupported))
	case !ok || name == "":
		return fail(errors.New("use CN=name"))
	}
	pair, err := s.program.Certificate(ctx, s.access, name)
	if err != nil {
		return fail(err)
	}
	return pair, nil
}
