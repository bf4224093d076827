package http1

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Request is a request as load generators have it: all of it at once. Nothing of it is changed or
// kept.
type Request struct {
	Method string // "" is GET
	URL    string // http or https; a fragment is not sent
	Header http.Header
	Body   []byte
}

// Answer is an answer that was read to its end.
type Answer struct {
	Code   int
	Status string // "200 OK"
	Header http.Header
	Body   []byte
}

// Exchange sends a request and reads its answer to the end, of whose body it keeps at most most
// bytes. It does what RoundTrip does, and its errors are RoundTrip's, with what a request needs
// alone: no http.Request, and no context. Whoever wants to break it off closes the connection. An
// error may come with the part of the body that was read.
func (t *Transport) Exchange(r Request, most int64) (Answer, error) {
	began := time.Now()
	q := t.request()
	defer t.requests.Put(q)
	defer q.trim()
	scheme, host, err := q.headOf(r)
	if err != nil {
		return Answer{}, err
	}
	q.out = append(q.out, r.Body...)
	p, err := t.pool(scheme, host)
	if err != nil {
		return Answer{}, err
	}
	var deadline time.Time
	if t.Timeout > 0 {
		deadline = began.Add(t.Timeout)
	}
	a := &q.answer
	if err := p.exchange(context.Background(), q, began, deadline, a); err != nil {
		return Answer{}, err
	}
	whole := Answer{Code: a.StatusCode, Status: a.Status, Header: a.Header}
	if a.Body == http.NoBody {
		return whole, nil
	}
	whole.Body, err = a.body.all(most)
	return whole, err
}

// headOf writes the head of a request, and tells where it goes.
func (q *request) headOf(r Request) (scheme, host string, err error) {
	scheme, host, uri, ok := split(r.URL)
	if !ok {
		u, err := url.Parse(r.URL)
		if err != nil {
			return "", "", err
		}
		scheme, host, uri = u.Scheme, u.Host, u.RequestURI()
	}
	named := host
	if other := r.Header["Host"]; len(other) > 0 && other[0] != "" {
		named = other[0]
	}
	return scheme, host, q.head(r.Method, uri, named, r.Header, false, int64(len(r.Body)))
}

// all reads the body to its end, and keeps at most most bytes.
func (b *body) all(most int64) (kept []byte, err error) {
	defer b.letGo()
	if b.framing == counted && b.left <= most {
		kept = make([]byte, b.left)
		n, err := io.ReadFull(b, kept)
		return kept[:n], err
	}
	kept, err = io.ReadAll(io.LimitReader(b, most))
	if err == nil && b.err == nil {
		_, err = io.Copy(io.Discard, b)
	}
	return kept, err
}

// split cuts a URL where cutting is all that it takes, as with those of a load: into its scheme, its host with
// its port, and what is asked for. All others are for net/url.
func split(raw string) (scheme, host, uri string, ok bool) {
	scheme, rest, found := strings.Cut(raw, "://")
	slash := strings.IndexByte(rest, '/')
	if !found || scheme != "http" && scheme != "https" || slash <= 0 {
		return "", "", "", false
	}
	host, uri = rest[:slash], rest[slash:]
	name, port, colon := strings.Cut(host, ":")
	if colon && port == "" || name == "" {
		return "", "", "", false
	}
	for i := range len(port) {
		if !isDigit(port[i]) {
			return "", "", "", false
		}
	}
	for i := range len(name) {
		if c := name[i]; !isPlain(c) {
			return "", "", "", false
		}
	}
	path, query, _ := strings.Cut(uri, "?")
	for i := range len(path) {
		if c := path[i]; !isPlain(c) && c != '/' {
			return "", "", "", false
		}
	}
	for i := range len(query) {
		if c := query[i]; c <= ' ' || c >= 0x7f || c == '#' {
			return "", "", "", false
		}
	}
	return scheme, host, uri, true
}

// isPlain is what means itself, in names of hosts and in paths.
func isPlain(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || isDigit(c) || c == '-' || c == '.' || c == '_'
}
