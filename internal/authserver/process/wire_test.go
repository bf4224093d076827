package process

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"testing"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// quick are settings whose hashing costs nothing.
func quick(t testing.TB, version, query string) settings.Settings {
	t.Helper()
	values, err := url.ParseQuery(query + "&bcrypt_cost=4&pbkdf2_rounds=1")
	if err != nil {
		t.Fatal(err)
	}
	s, err := settings.Parse(version, values)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// databases are those that tests can use here.
func databases() []string {
	if os.Getenv(settings.PostgresVariable) == "" {
		return []string{settings.SQLite}
	}
	return []string{settings.SQLite, settings.Postgres}
}

// answer is a response that has been read.
type answer struct {
	status int
	body   []byte
}

func (a answer) String() string { return fmt.Sprintf("%d %s", a.status, bytes.TrimSpace(a.body)) }

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
	return answer{resp.StatusCode, body}, err
}

// talker is what a test says to a process over HTTP.
type talker struct {
	*testing.T
	endpoints oauth.Endpoints
	http      *http.Client
}

func talk(t *testing.T, p *Process, http *http.Client) *talker {
	return &talker{T: t, endpoints: p.Endpoints(), http: http}
}

func (f *talker) send(r oauth.Request) answer {
	f.Helper()
	a, err := send(f.http, r)
	if err != nil {
		f.Fatal(err)
	}
	return a
}

// granted reads the tokens of an answer that must have some.
func (f *talker) granted(a answer) oauth.Token {
	f.Helper()
	token, err := oauth.ParseToken(a.body)
	if err != nil || a.status != http.StatusOK {
		f.Fatalf("token request = %s (%v)", a, err)
	}
	return token
}

// device begins the device flow and gives its two codes.
func (f *talker) device(c oauth.Credential, scope string) (deviceCode, userCode string) {
	f.Helper()
	a := f.send(oauth.DeviceAuthorization(f.endpoints.DeviceAuthorization, c, scope))
	var codes struct {
		DeviceCode string `json:"device_code"`
		UserCode   string `json:"user_code"`
	}
	if err := json.Unmarshal(a.body, &codes); err != nil || a.status != http.StatusOK {
		f.Fatalf("device authorization = %s (%v)", a, err)
	}
	return codes.DeviceCode, codes.UserCode
}
