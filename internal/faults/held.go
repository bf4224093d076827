package faults

import (
	"bytes"
	"maps"
	"net/http"
)

// held is an answer that is not sent yet (http.ResponseWriter).
type held struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (h *held) Header() http.Header { return h.header }

func (h *held) WriteHeader(status int) {
	if h.status == 0 {
		h.status = status
	}
}

func (h *held) Write(b []byte) (int, error) {
	h.WriteHeader(http.StatusOK)
	return h.body.Write(b)
}

// release sends the answer.
func (h *held) release(w http.ResponseWriter) {
	h.WriteHeader(http.StatusOK)
	maps.Copy(w.Header(), h.header)
	w.WriteHeader(h.status)
	w.Write(h.body.Bytes()) // fails only when the client has gone
}
