package http1

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// request is one request in the form it is sent in. It is used again for others.
type request struct {
	out    []byte // head and body
	names  []string
	method string
	close  bool   // the request says that the connection ends with it
	answer answer // of an Exchange, which keeps nothing of it
}

const userAgent = "Go-http-client/1.1" // net/http's, so that servers see the same

// encode writes req as net/http would. It closes the request's body. An error means that there is
// nothing to send.
func (r *request) encode(req *http.Request) error {
	if req.Body != nil {
		defer req.Body.Close()
	}
	if req.URL == nil || req.Header == nil {
		return errors.New("http1: a request needs a URL and a header")
	}
	body, length, err := content(req)
	if err != nil {
		return err
	}
	host := cmp.Or(req.Host, req.URL.Host)
	if err := r.head(req.Method, req.URL.RequestURI(), host, req.Header, req.Close, length); err != nil {
		return err
	}
	r.out, err = appendBody(r.out, body, length)
	return err
}

// head writes the head of a request as net/http would: the same lines, names in order. last says
// that the connection is to end with it, length is that of the body.
func (r *request) head(method, uri, host string, header http.Header, last bool, length int64) error {
	method = cmp.Or(method, http.MethodGet)
	switch {
	case !isToken(method) || method == http.MethodConnect:
		return fmt.Errorf("http1: invalid method %q", method)
	case !isTarget(uri):
		return fmt.Errorf("http1: invalid request target %q", uri)
	case !isHost(host):
		return fmt.Errorf("http1: invalid host %q", host)
	}
	if err := r.collect(header); err != nil {
		return err
	}
	closes := hasToken(header["Connection"], "close")
	r.method, r.close = method, last || closes

	b := append(r.out[:0], method...)
	b = append(b, ' ')
	b = append(b, uri...)
	b = append(b, " HTTP/1.1\r\nHost: "...)
	b = append(b, withoutZone(host)...)
	b = append(b, "\r\n"...)
	if agents, set := header["User-Agent"]; !set {
		b = field(b, "User-Agent", userAgent)
	} else if len(agents) > 0 && agents[0] != "" {
		b = field(b, "User-Agent", agents[0])
	}
	if last && !closes {
		b = append(b, "Connection: close\r\n"...)
	}
	if length > 0 || method == "POST" || method == "PUT" || method == "PATCH" {
		b = append(b, "Content-Length: "...)
		b = strconv.AppendInt(b, length, 10)
		b = append(b, "\r\n"...)
	}
	for _, name := range r.names {
		for _, value := range header[name] {
			b = field(b, name, value)
		}
	}
	r.out = append(b, "\r\n"...)
	return nil
}

// trim lets go of a buffer that one large request needed.
func (r *request) trim() {
	if cap(r.out) > 4*largeRequest {
		r.out = nil
	}
	clear(r.names)
	r.answer = answer{}
}

// collect checks the header and lists its names in order, but for those that are
// written from elsewhere.
func (r *request) collect(h http.Header) error {
	r.names = r.names[:0]
	for name, values := range h {
		if !isToken(name) {
			return fmt.Errorf("http1: invalid header name %q", name)
		}
		for _, v := range values {
			if !isValue(v) {
				return fmt.Errorf("http1: invalid value of header %q", name) // which may be a secret
			}
		}
		switch http.CanonicalHeaderKey(name) {
		case "Host", "User-Agent", "Content-Length", "Transfer-Encoding", "Trailer":
		default:
			r.names = append(r.names, name)
		}
	}
	slices.Sort(r.names)
	return nil
}

func field(b []byte, name, value string) []byte {
	b = append(b, name...)
	b = append(b, ": "...)
	b = append(b, strings.Trim(value, " \t")...)
	return append(b, "\r\n"...)
}

// content is the body and its length. A body of unknown length is read first.
func content(req *http.Request) (io.Reader, int64, error) {
	switch {
	case req.Body == nil || req.Body == http.NoBody:
		return nil, 0, nil
	case req.ContentLength > 0:
		return req.Body, req.ContentLength, nil
	}
	data, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, 0, fmt.Errorf("http1: read the request's body: %w", err)
	}
	return strings.NewReader(string(data)), int64(len(data)), nil
}

// appendBody reads the body behind the head, so that both leave in one write.
func appendBody(b []byte, body io.Reader, length int64) ([]byte, error) {
	if length == 0 {
		return b, nil
	}
	head := len(b)
	b = slices.Grow(b, int(length)+1)[:head+int(length)]
	n, err := io.ReadFull(body, b[head:])
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return b[:0], fmt.Errorf("http1: the request's body has %d bytes, not %d as its ContentLength says", n, length)
	}
	if err != nil {
		return b[:0], fmt.Errorf("http1: read the request's body: %w", err)
	}
	var more [1]byte
	if n, _ := io.ReadFull(body, more[:]); n > 0 {
		return b[:0], fmt.Errorf("http1: the request's body has more bytes than the %d of its ContentLength", length)
	}
	return b, nil
}

// withoutZone cuts the zone out of an IPv6 address: it means nothing to others (RFC 6874
// section 4).
func withoutZone(host string) string {
	if !strings.HasPrefix(host, "[") {
		return host
	}
	end := strings.LastIndexByte(host, ']')
	zone := strings.IndexByte(host, '%')
	if end < 0 || zone < 0 || zone > end {
		return host
	}
	return host[:zone] + host[end:]
}
