package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Browser goes where it is sent, one step at a time. It sends all its cookies
// everywhere, also those that are for TLS only: all is on 127.0.0.1.
type Browser struct {
	client  *http.Client
	cookies map[string]string
	instead map[string]string // hosts, where a server's issuer is not its address
}

// Follow does one GET and returns where it redirects to.
func (b *Browser) Follow(ctx context.Context, address string) (*url.URL, error) {
	to, _, err := b.visit(ctx, http.MethodGet, address, nil)
	return to, err
}

// Open does one GET of a page.
func (b *Browser) Open(ctx context.Context, address string) (page string, err error) {
	to, page, err := b.visit(ctx, http.MethodGet, address, nil)
	if page != "" {
		return page, nil
	}
	if err == nil {
		err = fmt.Errorf("%s redirects to %s", address, to.Redacted())
	}
	return "", err
}

// Submit posts a form and returns where the answer redirects to.
func (b *Browser) Submit(ctx context.Context, address string, form url.Values) (*url.URL, error) {
	to, _, err := b.visit(ctx, http.MethodPost, address, form)
	return to, err
}

// visit returns where an answer redirects to, or its page with an error that says so.
func (b *Browser) visit(ctx context.Context, method, address string, form url.Values) (to *url.URL, page string,
	err error) {
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, "", err
	}
	if host, ok := b.instead[req.URL.Host]; ok {
		req.URL.Host, req.Host = host, host
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range b.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	resp, err := b.client.Transport.RoundTrip(req) // below the client, which would follow by itself
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	for _, c := range resp.Cookies() {
		b.cookies[c.Name] = c.Value
	}
	if to, err = resp.Location(); err == nil {
		return to, "", nil
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, "", err
	}
	return nil, string(text), &noRedirection{req.URL.Host + req.URL.Path, resp.Status}
}

// Redirected tells whether a browser was answered, though not with the redirection that it
// was to follow.
func Redirected(err error) bool {
	var none *noRedirection
	return errors.As(err, &none)
}

// noRedirection is the error of an answer that redirects nowhere.
type noRedirection struct{ address, status string }

func (e *noRedirection) Error() string {
	return fmt.Sprintf("%s answered %s, not a redirection", e.address, e.status)
}

// Jar are the browser's cookies as text, and Wear takes them.
func (b *Browser) Jar() string {
	text, _ := json.Marshal(b.cookies) // strings alone: it cannot fail
	return string(text)
}

// Wear gives the browser the cookies of another.
func (b *Browser) Wear(jar string) error { return json.Unmarshal([]byte(jar), &b.cookies) }
