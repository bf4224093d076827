package authserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
)

// readJSON tells whether it has read the body; otherwise it has answered.
func readJSON(w http.ResponseWriter, r *http.Request, body any) bool {
	// A form of a foreign web page cannot send this type without asking first.
	if media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); media != "application/json" {
		refuse(w, http.StatusUnsupportedMediaType, errors.New("send Content-Type: application/json"))
		return false
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, FormLimit))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(body); err != nil {
		refuse(w, http.StatusBadRequest, fmt.Errorf("body: %w", err))
		return false
	}
	return true
}

// Refusal is the body of every failed admin request.
type Refusal struct {
	Error string `json:"error"`
}

func refuse(w http.ResponseWriter, status int, err error) {
	writeJSON(w, status, Refusal{err.Error()})
}

// fail answers for a fault of the server, whose cause only the log tells.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	slog.ErrorContext(r.Context(), "admin request", "path", r.URL.Path, "error", err)
	refuse(w, http.StatusInternalServerError, errors.New("server error"))
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body) // fails only when the client has gone
}

// FormLimit bounds a request body, in bytes.
const FormLimit = 64 << 10
