package http1

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Outgoing writes requests for whoever sends them himself: byte for byte as Exchange does. It keeps some
// heads, of which that of the next request is mostly a copy. Not safe for concurrent use.
type Outgoing struct {
	request request
	known   [knownHeadings]*heading
	next    int // Index in known of the next heading.
}

// knownHeadings is enough for the operations of a mixed load.
const knownHeadings = 8

// Destination is where a request goes.
type Destination struct {
	Address string // host:port
	Plain   bool   // without TLS
	Last    bool   // The request says that its connection ends with it.
}

// heading is the head of a request, around the length of its body.
type heading struct {
	method, url   string
	header        http.Header // a copy
	counted       bool        // It has a Content-Length, after before.
	before, after []byte
	to            Destination
}

// Append writes a request behind b. An error means that it cannot be sent at all.
func (o *Outgoing) Append(b []byte, r Request) ([]byte, Destination, error) {
	for _, h := range o.known {
		if h != nil && h.fits(r) {
			b = append(b, h.before...)
			if h.counted {
				b = strconv.AppendInt(b, int64(len(r.Body)), 10)
				b = append(b, h.after...)
			}
			return append(b, r.Body...), h.to, nil
		}
	}
	scheme, host, err := o.request.headOf(r)
	if err != nil {
		return b, Destination{}, err
	}
	_, address, err := target{scheme, host}.resolve()
	if err != nil {
		return b, Destination{}, err
	}
	to := Destination{Address: address, Plain: scheme == "http", Last: o.request.close}
	o.keep(r, to)
	b = append(b, o.request.out...)
	return append(b, r.Body...), to, nil
}

// fits tells whether a request has this head.
func (h *heading) fits(r Request) bool {
	if h.url != r.URL || h.method != r.Method || len(h.header) != len(r.Header) || !h.counted && len(r.Body) > 0 {
		return false
	}
	for name, values := range h.header {
		if other, ok := r.Header[name]; !ok || !slices.Equal(values, other) {
			return false
		}
	}
	return true
}

// keep keeps the head that was just written, if it is likely to come again.
func (o *Outgoing) keep(r Request, to Destination) {
	always := r.Method == http.MethodPost || r.Method == http.MethodPut || r.Method == http.MethodPatch
	if strings.Contains(r.URL, "?") || len(r.Header) > 16 || !always && len(r.Body) > 0 {
		return // A query is mostly another each time.
	}
	h := &heading{method: r.Method, url: r.URL, header: r.Header.Clone(), counted: always, to: to}
	h.before = slices.Clone(o.request.out)
	if always {
		const name = "\r\nContent-Length: " // Our own comes first: headers of that name are not written.
		at := strings.Index(string(h.before), name) + len(name)
		h.before, h.after = h.before[:at], h.before[at+len(strconv.Itoa(len(r.Body))):]
	}
	o.known[o.next] = h
	o.next = (o.next + 1) % knownHeadings
}
