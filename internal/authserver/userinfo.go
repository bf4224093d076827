package authserver

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/authserver/store"
)

// userinfo is OpenID Connect Core 1.0 section 5.3. The token comes in the Authorization
// header: as Bearer (RFC 6750 section 2.1), or as DPoP with a proof when it is bound to
// a key (RFC 9449 section 7).
func (f front) userinfo(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	scheme, value, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	proven := strings.EqualFold(scheme, "DPoP") && f.server.settings.Version != settings.V1
	refuse := func(status int, code, description string) {
		challenge := "Bearer"
		if proven {
			challenge = "DPoP algs=\"" + strings.Join(algorithmNames(proofAlgorithms()), " ") + "\""
		}
		if code == "" { // RFC 6750 section 3.1: nothing was tried, so nothing is said
			w.Header().Set("WWW-Authenticate", challenge)
			w.WriteHeader(status)
			return
		}
		separator := " "
		if proven {
			separator = ", "
		}
		w.Header().Set("WWW-Authenticate", challenge+separator+`error="`+code+`"`)
		writeJSON(w, status, map[string]string{"error": code, "error_description": description})
	}
	if value == "" || !proven && !strings.EqualFold(scheme, "Bearer") {
		refuse(http.StatusUnauthorized, "", "")
		return
	}
	issuer := f.provider.IssuerFromRequest(r)
	ctx := op.ContextWithIssuer(r.Context(), issuer)
	t, kind, err := f.find(ctx, value)
	if err != nil && !errors.Is(err, store.ErrNoToken) {
		op.WriteError(w, r, serverError(err), nil)
		return
	}
	now := f.server.now()
	switch {
	case err != nil || kind != accessToken || !f.server.seen(t, now).Live(now, 0):
		refuse(http.StatusUnauthorized, "invalid_token", "access token is unknown, expired or revoked")
		return
	case (t.Thumbprint != "") != proven:
		refuse(http.StatusUnauthorized, "invalid_token", "access token is of the other type, Bearer or DPoP")
		return
	}
	if proven {
		thumbprint, err := f.server.dpop.verify(r.Header, r.Method, issuer+r.URL.Path, value, now)
		if err != nil {
			refuse(http.StatusUnauthorized, "invalid_dpop_proof", err.Error())
			return
		}
		if thumbprint != t.Thumbprint {
			refuse(http.StatusUnauthorized, "invalid_token", "access token is bound to another key")
			return
		}
	}
	if !slices.Contains(fields(t.Scope), oidc.ScopeOpenID) {
		refuse(http.StatusForbidden, "insufficient_scope", "scope has no openid")
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"sub": t.Subject})
}
