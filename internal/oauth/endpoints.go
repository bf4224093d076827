package oauth

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Endpoints are the absolute URLs of one authorization server. An empty field
// means the server has no such endpoint, or does not tell.
type Endpoints struct {
	Issuer        string `json:"issuer"`
	Authorization string `json:"authorization_endpoint,omitempty"`
	Token         string `json:"token_endpoint,omitempty"`
	Introspection string `json:"introspection_endpoint,omitempty"`
	Revocation    string `json:"revocation_endpoint,omitempty"`
	Userinfo      string `json:"userinfo_endpoint,omitempty"`
	JWKS          string `json:"jwks_uri,omitempty"`
	// DeviceAuthorization is RFC 8628 section 4's.
	DeviceAuthorization string `json:"device_authorization_endpoint,omitempty"`
}

// discoveryLimit bounds a metadata document: a server that streams for ever
// must not fill our memory.
const discoveryLimit = 1 << 20

// Discover is DiscoverMetadata for callers that need the endpoints alone.
func Discover(ctx context.Context, c *http.Client, issuer string) (Endpoints, error) {
	m, err := DiscoverMetadata(ctx, c, issuer)
	return m.Endpoints, err
}

// DiscoverMetadata reads the metadata of issuer: RFC 8414 section 3 first, then OpenID
// Connect Discovery 1.0 section 4. It fails when neither answers with JSON that
// names a token endpoint, and when the document speaks for another issuer
// (RFC 8414 section 3.3).
func DiscoverMetadata(ctx context.Context, c *http.Client, issuer string) (Metadata, error) {
	base := strings.TrimSuffix(issuer, "/")
	var first error
	for _, path := range []string{"/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"} {
		m, err := metadata(ctx, c, base+path)
		if err == nil && strings.TrimSuffix(m.Issuer, "/") != base {
			err = fmt.Errorf("%s: metadata is for issuer %q, not %q", base+path, m.Issuer, issuer)
		}
		if err == nil && m.Token == "" {
			err = fmt.Errorf("%s: metadata names no token_endpoint", base+path)
		}
		if err == nil {
			m.Address = base + path
			return m, nil
		}
		if first == nil {
			first = err
		}
	}
	return Metadata{}, fmt.Errorf("discover %s: %w", issuer, first)
}

func metadata(ctx context.Context, c *http.Client, url string) (Metadata, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return Metadata{}, err
	}
	resp, err := c.Do(req)
	if err != nil {
		return Metadata{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, discoveryLimit))
	if err != nil {
		return Metadata{}, fmt.Errorf("%s: %w", url, err)
	}
	if resp.StatusCode != http.StatusOK {
		return Metadata{}, fmt.Errorf("%s answered %s", url, resp.Status)
	}
	m, err := ParseMetadata(body)
	if err != nil {
		return Metadata{}, fmt.Errorf("%s answered %s: %w", url, resp.Status, err)
	}
	return m, nil
}

// brief quotes the beginning of a body for an error message.
func brief(body []byte) string {
	const most = 60
	s := strings.Join(strings.Fields(string(body)), " ")
	if len(s) > most {
		s = s[:most] + "…"
	}
	return fmt.Sprintf("%q", s)
}
