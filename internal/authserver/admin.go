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
)

// acceptance is the body of POST /admin/login/accept: who has logged in.
type acceptance struct {
	ID      string `json:"id"`
	Subject string `json:"subject"`
}

// accepted answers it: where the browser goes next, relative when the server takes
// its issuer from the Host header.
type accepted struct {
	RedirectTo string `json:"redirect_to"`
}

// deviceAnswer is the body of POST /admin/device/accept and reject: what the user has
// decided. Scope is what is granted; "" is all that was asked for. It is not checked
// against that: a user may grant more.
type deviceAnswer struct {
	UserCode string `json:"user_code"`
	Subject  string `json:"subject,omitempty"` // to accept
	Scope    string `json:"scope,omitempty"`
}

// introspector is the answer of GET /admin/introspection-token.
type introspector struct {
	Token string `json:"token"`
}

// certificateRequest is the body of POST /admin/client-certificate.
type certificateRequest struct {
	Name string `json:"common_name"`
}

// certificate answers GET /admin/authority, without the key, and POST
// /admin/client-certificate, with it.
type certificate struct {
	Certificate string `json:"certificate"`           // PEM
	Key         string `json:"private_key,omitempty"` // PEM, PKCS #8
}

func (s *Server) adminHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+settings.ClientsPath, s.register)
	mux.HandleFunc("POST "+settings.AcceptPath, s.acceptLogin)
	if s.settings.Version != settings.V1 {
		mux.HandleFunc("POST "+settings.AcceptDevicePath, s.answerDevice(deviceAccepted))
		mux.HandleFunc("POST "+settings.RejectDevicePath, s.answerDevice(deviceRejected))
	}
	if s.authority != nil {
		mux.HandleFunc("GET "+settings.AuthorityPath, func(w http.ResponseWriter, r *http.Request) {
			writeJSON(w, http.StatusOK, certificate{Certificate: s.authority.pem()})
		})
		mux.HandleFunc("POST "+settings.CertificatesPath, s.issueCertificate)
	}
	mux.Handle("GET "+settings.MetricsPath, s.metricsHandler())
	mux.HandleFunc("GET "+settings.IntrospectorsPath, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		writeJSON(w, http.StatusOK, introspector{s.keys.resource})
	})
	return mux
}

func (s *Server) acceptLogin(w http.ResponseWriter, r *http.Request) {
	var body acceptance
	if !readJSON(w, r, &body) {
		return
	}
	if body.ID == "" || body.Subject == "" {
		refuse(w, http.StatusBadRequest, errors.New("id and subject are required: the id is in the URL that the authorization endpoint redirects to"))
		return
	}
	err := s.signIns.accept(r.Context(), body.ID, body.Subject, s.now())
	if errors.Is(err, errNoSignIn) {
		refuse(w, http.StatusNotFound, fmt.Errorf("authorization request %q: %w", body.ID, err))
		return
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, accepted{s.issuer + settings.CallbackPath + "?id=" + url.QueryEscape(body.ID)})
}

// answerDevice plays the user who has read the code on a device (RFC 8628 section 3.3).
func (s *Server) answerDevice(state string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var body deviceAnswer
		if !readJSON(w, r, &body) {
			return
		}
		if body.UserCode == "" || (state == deviceAccepted) != (body.Subject != "") {
			refuse(w, http.StatusBadRequest, errors.New("user_code is required, and subject to accept it"))
			return
		}
		err := s.devices.answer(r.Context(), body.UserCode, state, body.Subject, body.Scope, s.now())
		if errors.Is(err, errNoDevice) {
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

// issueCertificate makes what a client with tls_client_auth shows.
func (s *Server) issueCertificate(w http.ResponseWriter, r *http.Request) {
	var body certificateRequest
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
	writeJSON(w, http.StatusCreated, certificate{string(pem.EncodeToMemory(block)), string(key)})
}

// readJSON tells whether it has read the body; otherwise it has answered.
func readJSON(w http.ResponseWriter, r *http.Request, body any) bool {
	// A form of a foreign web page cannot send this type without asking first.
	if media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); media != "application/json" {
		refuse(w, http.StatusUnsupportedMediaType, errors.New("send Content-Type: application/json"))
		return false
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, formLimit))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(body); err != nil {
		refuse(w, http.StatusBadRequest, fmt.Errorf("body: %w", err))
		return false
	}
	return true
}

// refusal is the body of every failed admin request.
type refusal struct {
	Error string `json:"error"`
}

func refuse(w http.ResponseWriter, status int, err error) {
	writeJSON(w, status, refusal{err.Error()})
}

// fail answers for a fault of the server, whose cause only the log tells.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	slog.ErrorContext(r.Context(), "admin request", "path", r.URL.Path, "error", err)
	refuse(w, http.StatusInternalServerError, errors.New("server error"))
}
