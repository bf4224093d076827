package stack

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"sync"
	"time"

	"github.com/oauthbench/oauthbench/containers/engine"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// Access is what a server's own code has of its stack: where the server is, a client
// for its administration, its database and its image. It may be used concurrently.
type Access struct {
	Site
	Version string
	// Memory is what a server has to remember between calls of its functions.
	Memory sync.Map

	http  *http.Client
	trust *tls.Config // of the server's authority; nil with plain HTTP
	exec  func(ctx context.Context, script string, args ...any) error
	read  func(ctx context.Context, path string) ([]byte, error)
}

// NewAccess is for a server of a version at a site, with a secret drawn anew when the site has
// none. Tests of a server's folder make one of a server of their own; it has no database and
// no image.
func NewAccess(version string, at Site) (*Access, error) {
	jar, err := cookiejar.New(nil) // for administrations that keep a session
	if err != nil {
		return nil, err
	}
	if at.Secret == "" {
		at.Secret = engine.Random(32)
	}
	a := &Access{Version: version, Site: at}
	a.http = &http.Client{Jar: jar, Timeout: 30 * time.Second, Transport: newTransport(nil)}
	return a, nil
}

// Browser is a fresh one, without cookies. instead has hosts that a server names in its pages
// and where they really are, nil for none.
func (a *Access) Browser(instead map[string]string) *Browser {
	return &Browser{client: a.http, cookies: map[string]string{}, instead: instead}
}

// Exec runs statements in the server's database.
func (a *Access) Exec(ctx context.Context, script string, args ...any) error {
	return a.exec(ctx, script, args...)
}

// ReadFile reads a file of the server's image.
func (a *Access) ReadFile(ctx context.Context, path string) ([]byte, error) { return a.read(ctx, path) }

// Trust makes clients trust the authority of the certificate, in PEM, and it alone.
func (a *Access) Trust(authority []byte) error {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(authority) {
		return errors.New("the server told no certificate of its authority")
	}
	a.trust = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	a.http.CloseIdleConnections()
	a.http.Transport = newTransport(a.trust)
	return nil
}

// newTransport gives idle connections up before a server does: a request that meets a connection's end is lost.
func newTransport(trust *tls.Config) *http.Transport {
	return &http.Transport{MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Second, TLSClientConfig: trust}
}

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 1 << 20

// Do sends a request and reads the answer. One other than 2xx is a *Refusal.
func (a *Access) Do(req *http.Request) (http.Header, []byte, error) {
	resp, err := a.http.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, nil, fmt.Errorf("%s %s: %w", req.Method, req.URL, err)
	}
	if resp.StatusCode/100 != 2 {
		return nil, nil, &Refusal{req.Method + " " + req.URL.String(), resp.StatusCode, data}
	}
	return resp.Header, data, nil
}

// Call sends JSON to an admin interface and reads JSON from it. in and out may be nil;
// bearer is an access token, "" for none.
func (a *Access) Call(ctx context.Context, method, url, bearer string, in, out any) error {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	_, data, err := a.Do(req)
	if err != nil || out == nil {
		return err
	}
	if err := json.Unmarshal(data, out); err != nil {
		return fmt.Errorf("%s %s answered what is not the JSON expected: %w", method, url, err)
	}
	return nil
}

// Ask sends a request of the protocol and reads the answer.
func (a *Access) Ask(ctx context.Context, r oauth.Request) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	req.Header = r.Header.Clone()
	_, data, err := a.Do(req)
	return data, err
}

// Token asks a token endpoint.
func (a *Access) Token(ctx context.Context, r oauth.Request) (oauth.Token, error) {
	data, err := a.Ask(ctx, r)
	if err != nil {
		return oauth.Token{}, err
	}
	return oauth.ParseToken(data)
}

// Refusal is an answer other than 2xx.
type Refusal struct {
	Request string // method and address
	Status  int
	Body    []byte
}

func (r *Refusal) Error() string {
	const most = 200
	text := strings.Join(strings.Fields(string(r.Body)), " ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return fmt.Sprintf("%s answered %d %q", r.Request, r.Status, text)
}
