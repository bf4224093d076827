package faults

import (
	"bytes"
	"compress/gzip"
	"net/http"
)

// Rewriting sends what edit makes of each answer of next: its body, which edit may
// replace, and its header, which it may change.
func Rewriting(next http.Handler, edit func(status int, header http.Header, body []byte) []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := held{header: http.Header{}}
		next.ServeHTTP(&answer, r)
		body := edit(answer.status, answer.header, bytes.Clone(answer.body.Bytes()))
		answer.header.Del("Content-Length")
		answer.body.Reset()
		answer.body.Write(body)
		answer.release(w)
	})
}

// byteOrderMark begins a text in UTF-8 of some programs; RFC 8259 section 8.1 forbids it.
const byteOrderMark = "\xef\xbb\xbf"

func marking(_ Fault, _ uint64, next http.Handler) http.Handler {
	return Rewriting(next, func(_ int, _ http.Header, body []byte) []byte {
		if len(body) == 0 {
			return body
		}
		return append([]byte(byteOrderMark), body...)
	})
}

// compressing sends gzip to who has not asked for it (RFC 9110 section 12.5.3 lets it).
func compressing(_ Fault, _ uint64, next http.Handler) http.Handler {
	return Rewriting(next, func(_ int, header http.Header, body []byte) []byte {
		if len(body) == 0 {
			return body
		}
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		w.Write(body) // a buffer takes all
		w.Close()
		header.Set("Content-Encoding", "gzip")
		return packed.Bytes()
	})
}
