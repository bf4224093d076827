package oauth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// discoveryLimit bounds a metadata document: a server that streams for ever
// must not fill our memory.
const discoveryLimit = 1 << 20

// The two places of a metadata document: RFC 8414 section 3, and OpenID Connect
// Discovery 1.0 section 4.
const (
	oauthPlace  = "/.well-known/oauth-authorization-server"
	openIDPlace = "/.well-known/openid-configuration"
)

// CutWellKnown is the issuer whose metadata's address was given in its place.
func CutWellKnown(issuer string) string {
	u, err := url.Parse(issuer)
	if err != nil {
		return issuer
	}
	for _, place := range []string{oauthPlace, openIDPlace} {
		if before, after, found := strings.Cut(u.Path, place); found && (before == "" || after == "" || after == "/") {
			u.Path, u.RawPath = before+strings.TrimSuffix(after, "/"), ""
			return u.String()
		}
	}
	return issuer
}

// places are the addresses of an issuer's metadata. With a path RFC 8414 section 3.1 has
// the well-known part between host and path, OpenID Connect behind the path, and servers
// do all four.
func places(issuer string) []string {
	u, err := url.Parse(issuer)
	if err != nil {
		return nil
	}
	path := strings.TrimSuffix(u.EscapedPath(), "/")
	origin := u.Scheme + "://" + u.Host
	all := []string{origin + oauthPlace + path, origin + openIDPlace + path, origin + path + oauthPlace,
		origin + path + openIDPlace}
	if path == "" {
		return all[:2]
	}
	return all
}

// attempt is a place that was asked in vain. What a place says that has metadata tells
// more than that another has none.
type attempt struct {
	place   string
	err     error // what is wrong there; says itself where when there was no answer
	telling int
}

// DiscoverMetadata finds the metadata of issuer. It fails when no place answers with
// JSON that names a token endpoint, and when the document speaks for another issuer
// (RFC 8414 section 3.3); the error begins with the place that matters.
func DiscoverMetadata(ctx context.Context, c *http.Client, issuer string) (Metadata, error) {
	var failed []attempt
	for _, place := range places(issuer) {
		m, a := readMetadata(ctx, c, place, issuer)
		if a.err == nil {
			return m, nil
		}
		failed = append(failed, a)
		if a.telling == unreached {
			break // the others are on the same host
		}
	}
	slices.SortStableFunc(failed, func(a, b attempt) int { return cmp.Compare(b.telling, a.telling) })
	if len(failed) == 0 {
		return Metadata{}, fmt.Errorf("discover %s: not an address", Quote(issuer))
	}
	message := saidAt(failed)
	if failed[0].telling == absent {
		message += ": check the issuer's path, or give the endpoints by hand " +
			"(token=ADDRESS, introspection=ADDRESS, revocation=ADDRESS, jwks=ADDRESS)"
	}
	return Metadata{}, fmt.Errorf("discover %s: %s", issuer, message)
}

// saidAt is what was wrong at each place; what several places say is said once.
func saidAt(failed []attempt) string {
	message, same := "", "; the same at "
	for i, a := range failed {
		switch {
		case i > 0 && a.err.Error() == failed[i-1].err.Error():
			message += same + a.place
			same = ", "
			continue
		case i > 0:
			message += "; elsewhere: "
		}
		message += a.said()
		same = "; the same at "
	}
	return message
}

func (a attempt) said() string {
	if a.telling == unreached {
		return a.err.Error()
	}
	return a.place + " " + a.err.Error()
}

// ReadMetadata reads the metadata of issuer at an address that was given for it.
func ReadMetadata(ctx context.Context, c *http.Client, address, issuer string) (Metadata, error) {
	m, a := readMetadata(ctx, c, address, issuer)
	if a.err != nil && a.telling != unreached {
		return m, fmt.Errorf("%s %w", address, a.err)
	}
	return m, a.err
}

// How much an attempt tells, from nothing to all.
const (
	absent    = iota // 404
	refusing         // another status
	garbled          // 200, and no metadata
	disagrees        // metadata that must not be used
	unreached        // no answer, which is not for this place to mend
)

func readMetadata(ctx context.Context, c *http.Client, place, issuer string) (Metadata, attempt) {
	fail := func(telling int, format string, args ...any) (Metadata, attempt) {
		return Metadata{}, attempt{place, fmt.Errorf(format, args...), telling}
	}
	status, header, body, err := get(ctx, c, place)
	switch {
	case err != nil:
		return Metadata{}, attempt{place, err, unreached}
	case status == http.StatusNotFound:
		return fail(absent, "answered 404 Not Found")
	case RedirectsTo(status, header) != "":
		return fail(disagrees, "answered %d and redirects to %s, which is not followed: if that is right, "+
			"give its issuer", status, RedirectsTo(status, header))
	case status != http.StatusOK:
		return fail(refusing, "answered %d %s", status, http.StatusText(status))
	}
	m, err := ParseMetadata(body)
	if err != nil {
		return fail(garbled, "answered 200 OK with what is not metadata: %w", err)
	}
	if !SameIssuer(m.Issuer, issuer) {
		return fail(disagrees, "is metadata for issuer %q, not %q: give that as issuer, with connect when this "+
			"server is at another address, "+
			"or leave the issuer out and give the endpoints by hand", m.Issuer, issuer)
	}
	if m.Token == "" {
		return fail(disagrees, "names no token_endpoint")
	}
	m.Address = place
	return m, attempt{}
}

// get asks for a document. A redirection to another origin is an answer: whoever is sent
// there must be told.
func get(ctx context.Context, c *http.Client, address string) (status int, header http.Header, body []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, nil, nil, err
	}
	req.Header.Set("Accept", "application/json")
	careful := *c
	careful.CheckRedirect = func(next *http.Request, before []*http.Request) error {
		if origin(next.URL) == origin(req.URL) && len(before) < 4 {
			return nil
		}
		return http.ErrUseLastResponse
	}
	resp, err := careful.Do(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(io.LimitReader(resp.Body, discoveryLimit))
	if err != nil {
		return 0, nil, nil, fmt.Errorf("%s: %w", address, err)
	}
	return resp.StatusCode, resp.Header, body, nil
}

// SameIssuer tells whether two names are of one issuer. A slash at the end is forgiven:
// servers add it and leave it out.
func SameIssuer(a, b string) bool { return strings.TrimSuffix(a, "/") == strings.TrimSuffix(b, "/") }

// CheckFound looks at an endpoint that metadata named, before a secret is sent there:
// it must be at the origin of the issuer. Whoever can change the metadata must not
// learn the secret, nor choose what the load hits.
func CheckFound(issuer string, found Named) error {
	refuse := func(why string) error {
		return fmt.Errorf("metadata of %s: %s %s; if that is right, give the endpoint by hand", issuer, found.Member,
			why)
	}
	home, err := url.Parse(issuer)
	if err != nil {
		return err
	}
	u, err := url.Parse(*found.Address)
	switch {
	case err != nil:
		var wrong *url.Error
		if errors.As(err, &wrong) {
			err = wrong.Err
		}
		return refuse("is no address (" + err.Error() + ")")
	case u.Scheme != "http" && u.Scheme != "https":
		return refuse("is neither http nor https")
	case u.Hostname() == "":
		return refuse("has no host")
	case u.User != nil:
		return refuse("has a user's name or password")
	case u.Fragment != "":
		return refuse("has a fragment")
	case home.Scheme == "https" && u.Scheme == "http":
		return refuse("is http, and the issuer is https")
	case origin(u) != origin(home):
		return refuse("is at " + Quote(u.Scheme+"://"+u.Host) + ", which is another origin than the issuer's")
	}
	return nil
}

// origin is scheme, host and port (RFC 6454 section 4).
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Scheme + "://" + strings.ToLower(u.Hostname()) + ":" + port
}
