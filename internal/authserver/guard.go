package authserver

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
)

// guard enforces what RFC 6749 asks of every request to the token endpoint, and RFC
// 7009 and RFC 7662 to theirs, before op reads it.
func (f front) guard(operation string, next http.Handler) http.Handler {
	next = f.lapsing(operation, next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Section 5.1: no answer that carries a token, or tells of one, is cached.
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Pragma", "no-cache")
		w = challenger{w, r}
		r = withCertificate(r)
		r.Body = http.MaxBytesReader(w, r.Body, FormLimit)
		if err := readForm(r); err != nil {
			op.WriteError(w, r, err, nil)
			return
		}
		if err := checkCredentials(r); err != nil && !f.letsIn(operation, r) {
			op.WriteError(w, r, err, nil)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// readForm leaves only the body's parameters in r.Form: section 3.2 and RFC 6749
// section 2.3.1 forbid them in the URL, where op would read them too. A parameter
// without a value counts as absent, and none may come twice (section 3.2).
func readForm(r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return oidc.ErrInvalidRequest().WithDescription("body is not a form of at most 64 KiB")
	}
	for key, values := range r.PostForm {
		switch {
		case len(values) > 1:
			return oidc.ErrInvalidRequest().WithDescription("%s", fmt.Sprintf("parameter %q comes twice", key))
		case values[0] == "":
			delete(r.PostForm, key)
		}
	}
	r.Form = r.PostForm
	return nil
}

// known refuses grants that the server has not (RFC 6749 section 5.2), whoever asks: op
// has them all.
func known(s settings.Settings, next http.Handler) http.Handler {
	if s.Version != settings.V1 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch grant := oidc.GrantType(r.PostForm.Get("grant_type")); grant {
		case oidc.GrantTypeDeviceCode, oidc.GrantTypeTokenExchange:
			op.WriteError(w, r, oidc.ErrUnsupportedGrantType().WithDescription("%s came with %s", grant, settings.V2),
				nil)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// checkCredentials answers requests that carry no client at all with 401 (section
// 5.2); op says 400. Whether the credentials are right is VerifyClient's question.
func checkCredentials(r *http.Request) error {
	scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	introspection := r.URL.Path == settings.IntrospectionPath
	switch {
	case strings.EqualFold(scheme, "Basic"):
		if _, _, ok := r.BasicAuth(); !ok {
			return invalidClient("malformed basic credentials")
		}
	case strings.EqualFold(scheme, "Bearer") && introspection:
	case scheme != "":
		return invalidClient("unsupported authentication scheme")
	case r.PostForm.Get("grant_type") == string(oidc.GrantTypeBearer): // RFC 7523 section 3.1: optional
	case r.PostForm.Get("client_id") == "" && r.PostForm.Get("client_assertion") == "":
		return invalidClient("no client authentication")
	case introspection && r.PostForm.Get("client_secret") == "" && r.PostForm.Get("client_assertion") == "" &&
		peerCertificate(r.Context()) == nil:
		// RFC 7662 section 2.1: introspection is never open to the public.
		return invalidClient("introspection needs an authenticated client")
	}
	return nil
}

// challenger adds the WWW-Authenticate header that a 401 must have (RFC 9110 section
// 15.5.2), for the scheme that the client has tried (RFC 6749 section 5.2).
type challenger struct {
	http.ResponseWriter
	request *http.Request
}

func (c challenger) WriteHeader(status int) {
	if status == http.StatusUnauthorized {
		challenge := `Basic realm="oauthbench"`
		if strings.HasPrefix(strings.ToLower(c.request.Header.Get("Authorization")), "bearer ") {
			challenge = `Bearer realm="oauthbench", error="invalid_token"`
		}
		c.Header().Set("WWW-Authenticate", challenge)
	}
	c.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (c challenger) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// proofs verifies the proof of a token request, if it has one (section 5). v1 knows of
// none, and ignores the header as section 5 would have it.
func (f front) proofs(next http.Handler) http.Handler {
	if f.server.settings.Version == settings.V1 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.Header.Values("DPoP")) == 0 {
			next.ServeHTTP(w, r)
			return
		}
		address := f.provider.IssuerFromRequest(r) + r.URL.Path
		thumbprint, err := f.server.dpop.verify(r.Header, r.Method, address, "", f.server.now())
		if err != nil {
			op.WriteError(w, r, invalidProof(err), nil)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), thumbprintKey{}, thumbprint)))
	})
}
