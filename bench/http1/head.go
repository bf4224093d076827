package http1

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
)

// answer is a response and its body in one piece of memory.
type answer struct {
	http.Response
	body body
	text string // its head, without interim ones
}

// maxInterim is how many 1xx answers may come before the real one, as with net/http.
const maxInterim = 5

// answer reads into a the head of the answer to a request of that method, after interim ones.
func (b *reader) answer(a *answer, method string, limit int) error {
	for ; b.interim <= maxInterim; b.interim++ {
		head, count, err := b.lines(limit-b.heads, checkHead)
		if err != nil {
			return err
		}
		b.heads += len(head)
		*a = answer{text: string(head)} // the one allocation that all names and values share
		rest := a.status(a.text)
		if a.StatusCode == http.StatusSwitchingProtocols {
			return refuse("101 Switching Protocols, which was not asked for")
		}
		if a.StatusCode < 200 {
			continue
		}
		a.Header = fields(rest, count-1)
		return a.frame(b, method)
	}
	return refuse("more than %d interim answers", maxInterim)
}

// checkHead refuses what is not the n-th line of a head.
func checkHead(n int, line []byte) error {
	if n == 0 {
		return checkStatus(line)
	}
	return checkField(line)
}

// checkStatus refuses what is no status line (RFC 9112 section 4).
func checkStatus(line []byte) error {
	ok := len(line) >= len("HTTP/1.1 200") && string(line[:7]) == "HTTP/1." && (line[7] == '0' || line[7] == '1') &&
		line[8] == ' ' &&
		'1' <= line[9] && line[9] <= '9' && isDigit(line[10]) && isDigit(line[11]) &&
		(len(line) == 12 || line[12] == ' ') && isText(line[12:])
	if !ok {
		return refuse("its status line is %q", line[:min(len(line), 80)])
	}
	return nil
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isText(value []byte) bool {
	for _, c := range value {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// checkField refuses what is no header field (RFC 9112 section 5).
func checkField(line []byte) error {
	colon := bytes.IndexByte(line, ':')
	ok := colon > 0 && isText(line[colon:])
	for i := 0; ok && i < colon; i++ {
		ok = tokens[line[i]]
	}
	if !ok {
		return refuse("one of its header lines is no name and value") // not shown: it may hold a secret
	}
	return nil
}

// status reads the checked status line and returns what follows it.
func (a *answer) status(text string) (rest string) {
	line, rest := cutLine(text)
	a.Proto, a.ProtoMajor, a.ProtoMinor = line[:8], 1, int(line[7]-'0')
	a.Status = line[9:]
	a.StatusCode = int(line[9]-'0')*100 + int(line[10]-'0')*10 + int(line[11]-'0')
	return rest
}

func cutLine(text string) (line, rest string) {
	line, rest, _ = strings.Cut(text, "\n")
	return strings.TrimSuffix(line, "\r"), rest
}

// fields makes a header of count checked lines. Names and values are parts of text.
func fields(text string, count int) http.Header {
	h := make(http.Header, count)
	values := make([]string, count)
	for range count {
		var line string
		line, text = cutLine(text)
		name, value, _ := strings.Cut(line, ":")
		name, value = http.CanonicalHeaderKey(name), strings.Trim(value, " \t")
		if before := h[name]; before != nil {
			h[name] = append(before, value)
			continue
		}
		values[0] = value
		h[name] = values[:1:1]
		values = values[1:]
	}
	return h
}

// frame finds out where the body ends (RFC 9112 section 6.3). As with net/http, a field
// that only told this is taken out of the header.
func (a *answer) frame(b *reader, method string) error {
	h, body := a.Header, &a.body
	chunked := false
	codings, coded := h["Transfer-Encoding"]
	delete(h, "Transfer-Encoding")
	switch {
	case !coded:
	case a.ProtoMinor == 0:
		a.Close = true // HTTP/1.0 knows none: its framing is not to be relied on
	case len(codings) != 1 || !strings.EqualFold(codings[0], "chunked"):
		return refuse("its transfer encoding is not chunked alone")
	default:
		chunked = true
		a.TransferEncoding = []string{"chunked"}
		if err := a.trailers(); err != nil {
			return err
		}
	}
	length, err := contentLength(h)
	if err != nil {
		return err
	}
	a.closes()
	a.ContentLength = length
	body.resp, body.in, body.last = &a.Response, b, a.Close
	a.Body = body
	switch {
	case method == http.MethodHead:
		body.framing = none
	case a.StatusCode == http.StatusNoContent || a.StatusCode == http.StatusNotModified:
		body.framing, a.ContentLength = none, 0
	case chunked:
		if length >= 0 {
			body.last = true // which of the two is meant is the sender's secret
			delete(h, "Content-Length")
		}
		body.framing, a.ContentLength = chunks, -1
	case length > 0:
		body.framing, body.left = counted, length
	case length == 0:
		body.framing = none
	default:
		body.framing, body.last, a.Close = untilClose, true, true
	}
	return nil
}

// closes tells whether the server will close the connection after this answer.
func (a *answer) closes() {
	connection := a.Header["Connection"]
	ends := connection != nil && hasToken(connection, "close")
	switch {
	case a.ProtoMinor == 0:
		a.Close = a.Close || ends || !hasToken(connection, "keep-alive")
	case ends:
		a.Close = true
		delete(a.Header, "Connection")
	}
}

// trailers moves the names that a chunked answer announces to where they will be found.
func (a *answer) trailers() error {
	announced := a.Header["Trailer"]
	delete(a.Header, "Trailer")
	for _, list := range announced {
		for name := range strings.SplitSeq(list, ",") {
			if name = http.CanonicalHeaderKey(strings.Trim(name, " \t")); name == "" {
				continue
			}
			switch name {
			case "Transfer-Encoding", "Trailer", "Content-Length":
				return refuse("it announces %s as a trailer", name)
			}
			if a.Trailer == nil {
				a.Trailer = http.Header{}
			}
			a.Trailer[name] = nil
		}
	}
	return nil
}

// contentLength is -1 when there is none. Several must agree.
func contentLength(h http.Header) (int64, error) {
	values := h["Content-Length"]
	if len(values) == 0 {
		return -1, nil
	}
	for _, v := range values[1:] {
		if v != values[0] {
			return 0, refuse("its values of Content-Length differ")
		}
	}
	h["Content-Length"] = values[:1]
	n, err := strconv.ParseUint(values[0], 10, 63)
	if err != nil {
		return 0, refuse("its Content-Length is no number")
	}
	return int64(n), nil
}
