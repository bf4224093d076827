package authserver

import (
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/authserver/store"
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
	if !s.lapses.Upgrades.DeadDoor() {
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
	if err == nil && s.lapses.Upgrades.GreedyCleanUp() {
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
