package stack

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
)

// Browser goes where it is sent, one step at a time. It sends all its cookies
// everywhere, also those that are for TLS only: all is on 127.0.0.1.
type Browser struct {
	client  *http.Client
	cookies map[string]string
}

// Follow does one GET and returns where it redirects to.
func (b *Browser) Follow(ctx context.Context, address string) (*url.URL, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	for name, value := range b.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	resp, err := b.client.Transport.RoundTrip(req) // below the client, which would follow by itself
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	for _, c := range resp.Cookies() {
		b.cookies[c.Name] = c.Value
	}
	to, err := resp.Location()
	if err != nil {
		return nil, fmt.Errorf("%s%s answered %s, not a redirection", req.URL.Host, req.URL.Path, resp.Status)
	}
	return to, nil
}
