package authserver

import (
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"net/url"

	"oauthbench/internal/authserver/settings"
	"oauthbench/internal/authserver/store"
)

// Acceptance is the body of POST /admin/login/accept: who has logged in.
type Acceptance struct {
	ID      string `json:"id"`
	Subject string `json:"subject"`
}

// Accepted answers it: where the browser goes next, relative when the server takes
// its issuer from the Host header.
type Accepted struct {
	RedirectTo string `json:"redirect_to"`
}

// DeviceAnswer is the body of POST /admin/device/accept and reject: what the user has
// decided. Scope is what is granted; "" is all that was asked for. It is not checked
// against that: a user may grant more.
type DeviceAnswer struct {
	UserCode string `json:"user_code"`
	Subject  string `json:"subject,omitempty"` // to accept
	Scope    string `json:"scope,omitempty"`
}

// Introspector is the answer of GET /admin/introspection-token.
type Introspector struct {
	Token string `json:"token"`
}

// CertificateRequest is the body of POST /admin/client-certificate.
type CertificateRequest struct {
	Name string `json:"common_name"`
}

// Certificate answers GET /admin/authority, without the key, and POST
// /admin/client-Certificate, with it.
type Certificate struct {
	Certificate string `json:"certificate"`           // PEM
	Key         string `json:"private_key,omitempty"` // PEM, PKCS #8
}

func (s *Server) adminHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+settings.ClientsPath, s.register)
	mux.HandleFunc("POST "+settings.AcceptPath, s.acceptLogin)
	if s.settings.Version != settings.V1 {
		mux.HandleFunc("POST "+settings.AcceptDevicePath, s.answerDevice(store.DeviceAccepted))
		mux.HandleFunc("POST "+settings.RejectDevicePath, s.answerDevice(store.DeviceRejected))
	}
	if s.authority != nil {
		mux.HandleFunc("GET "+settings.AuthorityPath, func(w http.ResponseWriter, r *http.Request) {
			writeJSON(w, http.StatusOK, Certificate{Certificate: s.authority.pem()})
		})
		mux.HandleFunc("POST "+settings.CertificatesPath, s.issueCertificate)
	}
	mux.HandleFunc("DELETE "+settings.ConsentsPath, s.endConsent)
	mux.HandleFunc("POST "+settings.CleanUpPath, s.cleanUp)
	mux.Handle("GET "+settings.MetricsPath, s.metricsHandler())
	mux.HandleFunc("GET "+settings.IntrospectorsPath, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		writeJSON(w, http.StatusOK, Introspector{s.keys.resource})
	})
	return mux
}

func (s *Server) acceptLogin(w http.ResponseWriter, r *http.Request) {
	var body Acceptance
	if !readJSON(w, r, &body) {
		return
	}
	if body.ID == "" || body.Subject == "" {
		refuse(w, http.StatusBadRequest,
			errors.New("id and subject are required: the id is in the URL that the authorization endpoint "+
				"redirects to"))
		return
	}
	err := s.signIns.Accept(r.Context(), body.ID, body.Subject, s.now())
	if errors.Is(err, store.ErrNoSignIn) {
		refuse(w, http.StatusNotFound, fmt.Errorf("authorization request %q: %w", body.ID, err))
		return
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, Accepted{s.issuer + settings.CallbackPath + "?id=" + url.QueryEscape(body.ID)})
}

// answerDevice plays the user who has read the code on a device (RFC 8628 section 3.3).
func (s *Server) answerDevice(state string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var body DeviceAnswer
		if !readJSON(w, r, &body) {
			return
		}
		if body.UserCode == "" || (state == store.DeviceAccepted) != (body.Subject != "") {
			refuse(w, http.StatusBadRequest, errors.New("user_code is required, and subject to accept it"))
			return
		}
		err := s.devices.Answer(r.Context(), body.UserCode, state, body.Subject, body.Scope, s.now())
		if errors.Is(err, store.ErrNoDevice) {
			refuse(w, http.StatusNotFound, fmt.Errorf("user code %q: %w", body.UserCode, err))
			return
		}
		if err != nil {
			s.fail(w, r, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

// endConsent revokes all grants of a user.
func (s *Server) endConsent(w http.ResponseWriter, r *http.Request) {
	subject := r.URL.Query().Get("subject")
	if subject == "" {
		refuse(w, http.StatusBadRequest, errors.New("subject is required"))
		return
	}
	if !s.lapses.DeadDoor() {
		if err := s.database.EndSubject(r.Context(), s.settings.Version == settings.V1, subject, s.now()); err != nil {
			s.fail(w, r, err)
			return
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

// cleanUp removes what has expired.
func (s *Server) cleanUp(w http.ResponseWriter, r *http.Request) {
	err := s.database.Purge(r.Context(), s.settings.Version, s.now())
	if err == nil && s.lapses.GreedyCleanUp() {
		err = s.database.DropSessions(r.Context(), s.settings.Version == settings.V1)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// issueCertificate makes what a client with tls_client_auth shows.
func (s *Server) issueCertificate(w http.ResponseWriter, r *http.Request) {
	var body CertificateRequest
	if !readJSON(w, r, &body) {
		return
	}
	if body.Name == "" {
		refuse(w, http.StatusBadRequest, errors.New("common_name is required"))
		return
	}
	text, err := s.authority.client(body.Name)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	block, key := pem.Decode(text)
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, http.StatusCreated, Certificate{string(pem.EncodeToMemory(block)), string(key)})
}

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
