package authserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"

	"oauthbench/internal/oauth"
)

// Paths of the admin listener.
const (
	clientsPath       = "/admin/clients"
	acceptPath        = "/admin/login/accept"
	introspectorsPath = "/admin/introspection-token"
)

// registration is the body of POST /admin/clients, by the names of RFC 7591 section 2.
type registration struct {
	Name           string   `json:"client_name"`
	AuthMethod     string   `json:"token_endpoint_auth_method"` // "" is client_secret_basic
	GrantTypes     []string `json:"grant_types"`
	Scope          string   `json:"scope"`
	RedirectURIs   []string `json:"redirect_uris,omitempty"`
	AccessLifetime int64    `json:"access_token_lifetime,omitempty"` // seconds; 0 is the server's own
}

// registered answers it. The secret is told this once and kept only as a hash.
type registered struct {
	ID     string `json:"client_id"`
	Secret string `json:"client_secret,omitempty"`
	registration
}

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

// introspector is the answer of GET /admin/introspection-token.
type introspector struct {
	Token string `json:"token"`
}

func (s *Server) adminHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+clientsPath, s.register)
	mux.HandleFunc("POST "+acceptPath, s.acceptLogin)
	mux.HandleFunc("GET "+introspectorsPath, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		writeJSON(w, http.StatusOK, introspector{s.keys.resource})
	})
	return mux
}

func (s *Server) register(w http.ResponseWriter, r *http.Request) {
	var body registration
	if !readJSON(w, r, &body) {
		return
	}
	c, err := body.client()
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	secret := ""
	if c.authMethod != oauth.AuthNone {
		secret = randomToken(24)
		if c.secretHash, err = s.settings.hashSecret(secret); err != nil {
			s.fail(w, r, fmt.Errorf("hash secret: %w", err))
			return
		}
	}
	if err := s.clients.insert(r.Context(), c, s.now()); err != nil {
		s.fail(w, r, fmt.Errorf("register client: %w", err))
		return
	}
	body.AuthMethod = c.authMethod
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, http.StatusCreated, registered{c.id, secret, body})
}

// client checks a registration.
func (b registration) client() (client, error) {
	c := client{
		id: randomToken(12), name: b.Name, authMethod: b.AuthMethod, grantTypes: b.GrantTypes,
		scopes: fields(b.Scope), redirectURIs: b.RedirectURIs, accessLifetime: time.Duration(b.AccessLifetime) * time.Second,
	}
	if c.authMethod == "" {
		c.authMethod = oauth.AuthBasic
	}
	methods := []string{oauth.AuthBasic, oauth.AuthPost, oauth.AuthNone}
	grants := []string{string(oidc.GrantTypeClientCredentials), string(oidc.GrantTypeCode), string(oidc.GrantTypeRefreshToken)}
	switch {
	case !slices.Contains(methods, c.authMethod):
		return c, fmt.Errorf("token_endpoint_auth_method %q: use one of %s", c.authMethod, strings.Join(methods, ", "))
	case len(c.grantTypes) == 0:
		return c, fmt.Errorf("grant_types is empty: use some of %s", strings.Join(grants, ", "))
	case c.accessLifetime != 0 && !validLifetime(c.accessLifetime):
		return c, fmt.Errorf("access_token_lifetime %d: use 1 to 315360000 seconds, or 0 for the server's own", b.AccessLifetime)
	}
	for _, g := range c.grantTypes {
		if !slices.Contains(grants, g) {
			return c, fmt.Errorf("grant type %q: use some of %s", g, strings.Join(grants, ", "))
		}
	}
	switch {
	case c.allows(oidc.GrantTypeClientCredentials) && c.authMethod == oauth.AuthNone:
		return c, errors.New("client_credentials is for confidential clients only (RFC 6749 section 4.4): use a secret")
	case c.allows(oidc.GrantTypeRefreshToken) && !c.allows(oidc.GrantTypeCode):
		return c, errors.New("refresh_token alone gets no tokens: add authorization_code to grant_types")
	case c.allows(oidc.GrantTypeCode) && len(c.redirectURIs) == 0:
		return c, errors.New("authorization_code needs redirect_uris: add one, such as http://127.0.0.1/callback")
	}
	for _, uri := range c.redirectURIs {
		// RFC 6749 section 3.1.2: absolute, without a fragment.
		if u, err := url.Parse(uri); err != nil || !u.IsAbs() || u.Fragment != "" || strings.ContainsAny(uri, " \t\n") {
			return c, fmt.Errorf("redirect URI %q: use an absolute URI without fragment", uri)
		}
	}
	return c, nil
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
	writeJSON(w, http.StatusOK, accepted{s.issuer + callbackPath + "?id=" + url.QueryEscape(body.ID)})
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
