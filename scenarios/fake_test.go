package scenarios

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"oauthbench/internal/oauth"
)

// fakeServer is an authorization server in memory, right unless a fault is planted.
type fakeServer struct {
	mu      sync.Mutex
	clients map[string]time.Duration // lifetime by client id
	tokens  map[string]*fakeToken
	issued  int

	noLifetimes bool                               // cannot set a lifetime per client
	delay       func(sent time.Time) time.Duration // of every answer
	// fault may replace an answer; ok false leaves it alone.
	fault func(path string, form url.Values, t *fakeToken) (code int, body string, ok bool)
}

type fakeToken struct {
	client  string
	expires time.Time
	revoked bool
}

func newFakeServer() *fakeServer {
	return &fakeServer{clients: map[string]time.Duration{}, tokens: map[string]*fakeToken{}}
}

func (s *fakeServer) Endpoints() oauth.Endpoints {
	return oauth.Endpoints{
		Token: "http://fake.test/token", Introspection: "http://fake.test/introspect", Revocation: "http://fake.test/revoke",
	}
}

func (s *fakeServer) RegisterClient(_ context.Context, spec oauth.ClientSpec) (oauth.Credential, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	life := time.Hour
	if spec.AccessTokenLifetime > 0 {
		if s.noLifetimes {
			return oauth.Credential{}, fmt.Errorf("lifetime: %w", errors.ErrUnsupported)
		}
		life = spec.AccessTokenLifetime
	}
	id := fmt.Sprintf("client-%d", len(s.clients))
	s.clients[id] = life
	return oauth.Credential{Method: oauth.AuthPost, ClientID: id, Secret: "s"}, nil
}

func (s *fakeServer) IntrospectionCredential(context.Context) (oauth.Credential, error) {
	return oauth.Credential{}, nil
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
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	code, answer := s.answer(r.URL.Path, form)
	return &http.Response{
		StatusCode: code, Status: http.StatusText(code), Header: http.Header{}, Request: r,
		Body: io.NopCloser(strings.NewReader(answer)), ProtoMajor: 1, ProtoMinor: 1,
	}, nil
}

func (s *fakeServer) answer(path string, form url.Values) (int, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tokens[form.Get("token")]
	if s.fault != nil {
		if code, body, ok := s.fault(path, form, t); ok {
			return code, body
		}
	}
	switch path {
	case "/token":
		client := form.Get("client_id")
		life, ok := s.clients[client]
		if !ok {
			return 401, `{"error":"invalid_client"}`
		}
		s.issued++
		token := fmt.Sprintf("token-%d", s.issued)
		s.tokens[token] = &fakeToken{client: client, expires: time.Now().Add(life)}
		return 200, fmt.Sprintf(`{"access_token":%q,"token_type":"Bearer","expires_in":%d,"scope":%q}`, token, int(life.Seconds()), form.Get("scope"))
	case "/introspect":
		if t == nil || t.revoked || time.Now().After(t.expires) {
			return 200, `{"active":false}`
		}
		answer, _ := json.Marshal(map[string]any{"active": true, "scope": DefaultScope, "client_id": t.client, "exp": t.expires.Unix()})
		return 200, string(answer)
	case "/revoke":
		if t != nil && t.client == form.Get("client_id") {
			t.revoked = true
		}
		return 200, ""
	}
	return 404, "no such page"
}
