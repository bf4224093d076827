package authserver

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/authserver/store"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// clock is a time that only a test moves. It starts at the real time, which JWTs carry.
type clock struct{ offset atomic.Int64 }

func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.offset.Load())) }
func (c *clock) advance(d time.Duration) { c.offset.Add(int64(d)) }

// fixture is a server in this process with everything a test needs to talk to it.
type fixture struct {
	*testing.T
	server    *Server
	public    *httptest.Server
	admin     *httptest.Server
	endpoints oauth.Endpoints
	clock     *clock
	http      *http.Client
	audience  string // that authorize asks for
}

// quick are settings whose hashing costs nothing.
func quick(t testing.TB, version, query string) settings.Settings {
	t.Helper()
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	for key, value := range map[string]string{"bcrypt_cost": "4", "pbkdf2_rounds": "1"} {
		if !values.Has(key) {
			values.Set(key, value)
		}
	}
	s, err := settings.Parse(version, values)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// place is where the data of a test live.
func place(t testing.TB, s settings.Settings) OpenOptions {
	t.Helper()
	o := OpenOptions{Settings: s}
	if s.Database == settings.SQLite {
		o.Directory = t.TempDir()
		return o
	}
	o.DSN, o.Schema = os.Getenv(settings.PostgresVariable), store.NewSchemaName()
	t.Cleanup(func() {
		if err := store.DropSchema(context.Background(), o.DSN, o.Schema); err != nil {
			t.Error(err)
		}
	})
	return o
}

// databases are those that tests can use here.
func databases() []string {
	if os.Getenv(settings.PostgresVariable) == "" {
		return []string{settings.SQLite}
	}
	return []string{settings.SQLite, settings.Postgres}
}

// signingForTests is one key for all servers of these tests: making it takes longer than
// what most of them do with it.
var signingForTests = sync.OnceValue(func() string {
	key, err := rsa.GenerateKey(rand.Reader, signingBits)
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PrivateKey(key))
})

// seed gives a database that is new its signing key.
func seed(t testing.TB, o OpenOptions) {
	t.Helper()
	var d *store.Database
	var err error
	if o.Settings.Database == settings.Postgres {
		d, err = store.OpenPostgres(t.Context(), o.DSN, o.Schema)
	} else {
		d, err = store.OpenSQLite(filepath.Join(o.Directory, "oauth.db"))
	}
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Migrate(t.Context(), o.Settings.Version, time.Now()); err != nil {
		t.Fatal(err)
	}
	query := d.Bind(`INSERT INTO deployment_keys (name, value) VALUES ('signing', ?) ON CONFLICT (name) DO NOTHING`)
	if _, err := d.Write.ExecContext(t.Context(), query, signingForTests()); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, s settings.Settings) *fixture { return openAt(t, place(t, s)) }

func openAt(t *testing.T, o OpenOptions) *fixture { return openAtTime(t, o, &clock{}) }

func openAtTime(t *testing.T, o OpenOptions, at *clock) *fixture {
	t.Helper()
	f := &fixture{T: t, clock: at, http: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{MaxIdleConnsPerHost: 64},
	}}
	o.Now = f.clock.now
	f.public = httptest.NewUnstartedServer(nil)
	scheme := "http://"
	if o.Settings.TLS {
		scheme = "https://"
	}
	o.Issuer = scheme + f.public.Listener.Addr().String()
	var err error
	seed(t, o)
	if f.server, err = Open(context.Background(), o); err != nil {
		f.public.Close()
		t.Fatal(err)
	}
	f.public.Config.Handler = f.server.Handler()
	f.start(f.public)
	f.admin = httptest.NewServer(f.server.AdminHandler())
	f.endpoints = settings.Endpoints(o.Issuer, o.Settings.Version)
	t.Cleanup(f.close)
	return f
}

// close may be called before the test ends, to open the same data anew.
func (f *fixture) close() {
	if f.server == nil {
		return
	}
	f.http.CloseIdleConnections()
	f.public.Close()
	f.admin.Close()
	if err := f.server.Close(); err != nil {
		f.Error(err)
	}
	f.server = nil
}

// answer is a response that has been read.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) String() string { return fmt.Sprintf("%d %s", a.status, bytes.TrimSpace(a.body)) }

func (f *fixture) send(r oauth.Request) answer {
	f.Helper()
	a, err := send(f.http, r)
	if err != nil {
		f.Fatal(err)
	}
	return a
}

func send(c *http.Client, r oauth.Request) (answer, error) {
	req, err := http.NewRequest(r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return answer{}, err
	}
	req.Header = r.Header.Clone()
	resp, err := c.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, body}, err
}

func (f *fixture) get(address string) answer {
	f.Helper()
	return f.send(oauth.Request{Method: http.MethodGet, URL: address})
}

func (f *fixture) post(address string, body any) answer {
	f.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		f.Fatal(err)
	}
	return f.send(oauth.Request{Method: http.MethodPost, URL: address, Body: text,
		Header: http.Header{"Content-Type": {"application/json"}}})
}

func (f *fixture) decode(a answer, into any) {
	f.Helper()
	if err := json.Unmarshal(a.body, into); err != nil {
		f.Fatalf("%s: %v", a, err)
	}
}

// register registers a client that may do everything its method allows.
func (f *fixture) register(method string, lifetime int64) oauth.Credential {
	f.Helper()
	grants := []string{"authorization_code", "refresh_token"}
	if method != oauth.AuthNone {
		grants = append(grants, "client_credentials")
	}
	a := f.post(f.admin.URL+settings.ClientsPath, Registration{
		Name: "test", AuthMethod: method, GrantTypes: grants, Scope: "read write openid",
		RedirectURIs: []string{settings.RedirectURI}, AccessLifetime: lifetime,
	})
	if a.status != http.StatusCreated {
		f.Fatalf("register = %s", a)
	}
	var c Registered
	f.decode(a, &c)
	return oauth.Credential{Method: method, ClientID: c.ID, Secret: c.Secret}
}

// resource is the credential of the resource server.
func (f *fixture) resource() oauth.Credential {
	f.Helper()
	var i Introspector
	f.decode(f.get(f.admin.URL+settings.IntrospectorsPath), &i)
	return oauth.Credential{Method: oauth.AuthBearer, Secret: i.Token}
}

// token is a client_credentials grant that must succeed.
func (f *fixture) token(c oauth.Credential, scope string) oauth.Token {
	f.Helper()
	return f.granted(f.send(oauth.ClientCredentials(f.endpoints.Token, c, scope)))
}

func (f *fixture) granted(a answer) oauth.Token {
	f.Helper()
	token, err := oauth.ParseToken(a.body)
	if err != nil || a.status != http.StatusOK {
		f.Fatalf("token request = %s (%v)", a, err)
	}
	return token
}

// refused checks the status and the error code of an answer.
func (f *fixture) refused(what string, a answer, status int, code string) {
	f.Helper()
	if got := oauth.ParseError(a.body); a.status != status || got != code {
		f.Errorf("%s = %s; want %d %s", what, a, status, code)
	}
}

func (f *fixture) introspect(c oauth.Credential, token string) introspection {
	f.Helper()
	a := f.send(oauth.Introspect(f.endpoints.Introspection, c, token))
	if _, err := oauth.ParseIntrospection(a.body); err != nil || a.status != http.StatusOK {
		f.Fatalf("introspect = %s (%v)", a, err)
	}
	var i introspection
	f.decode(a, &i)
	return i
}

// wantActive checks the state of a token as the resource server sees it.
func (f *fixture) wantActive(what, token string, want bool) {
	f.Helper()
	if got := f.introspect(f.resource(), token); got.Active != want {
		f.Errorf("introspect %s = %+v; want active %t", what, got, want)
	} else if !want && got != (introspection{}) {
		f.Errorf("introspect %s = %+v; want nothing but active false", what, got)
	}
}

func (f *fixture) revoke(c oauth.Credential, token, hint string) {
	f.Helper()
	if a := f.send(oauth.Revoke(f.endpoints.Revocation, c, token, hint)); a.status != http.StatusOK {
		f.Fatalf("revoke = %s", a)
	}
}

// everywhere runs a test on every generation, form of token and database.
func everywhere(t *testing.T, test func(*fixture)) {
	for _, db := range databases() {
		for _, version := range []string{settings.V1, settings.V2} {
			for _, tokens := range []string{settings.TokensOpaque, settings.TokensJWT} {
				t.Run(strings.Join([]string{db, version, tokens}, "/"), func(t *testing.T) {
					test(open(t, quick(t, version, "tokens="+tokens+"&db="+db)))
				})
			}
		}
	}
}
