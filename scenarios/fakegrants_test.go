package scenarios

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/internal/oauth"
)

// token answers at the token endpoint.
func (s *fakeServer) token(r *http.Request, form url.Values) (int, string) {
	client, ok := s.caller(r, form)
	if !ok {
		return 401, `{"error":"invalid_client"}`
	}
	if r.Header.Get("DPoP") != "" && !s.proven(r) {
		return 400, `{"error":"invalid_dpop_proof"}`
	}
	badGrant := func() (int, string) { return 400, `{"error":"invalid_grant"}` }
	switch oauth.Capability(form.Get("grant_type")) {
	case oauth.GrantClientCredentials:
		return s.issue(r, nil, client, client, form.Get("scope"), "")
	case oauth.GrantAuthorizationCode:
		g := s.codes[form.Get("code")]
		sum := sha256.Sum256([]byte(form.Get("code_verifier")))
		if g == nil || g.spent || g.client != client || form.Get("redirect_uri") != Callback ||
			g.challenge != base64.RawURLEncoding.EncodeToString(sum[:]) {
			return badGrant()
		}
		g.spent = true
		return s.issue(r, g, client, g.subject, g.scope, "")
	case oauth.GrantRefreshToken:
		t := s.tokens[form.Get("refresh_token")]
		if t == nil || !t.refresh || t.client != client || t.revoked || t.grant.dead {
			return badGrant()
		}
		if !t.rotated.IsZero() && time.Since(t.rotated) >= s.grace {
			t.grant.dead = true // RFC 9700 section 4.14.2
			return badGrant()
		}
		t.rotated = time.Now()
		return s.issue(r, t.grant, client, t.subject, t.scope, "")
	case oauth.GrantDeviceCode:
		g := s.devices[form.Get("device_code")]
		switch {
		case g == nil || g.spent || g.client != client:
			return badGrant()
		case !g.approved:
			return 400, `{"error":"authorization_pending"}`
		}
		g.spent = true
		return s.issue(r, nil, client, g.subject, g.scope, "")
	case oauth.GrantJWTBearer:
		claims, ok := s.assertion(client, form.Get("assertion"), true)
		if !ok || claims.Issuer != client {
			return badGrant()
		}
		return s.issue(r, nil, client, claims.Subject, form.Get("scope"), "")
	case oauth.GrantTokenExchange:
		t := s.tokens[form.Get("subject_token")]
		if !t.live() {
			return 400, `{"error":"invalid_request"}`
		}
		return s.issue(r, nil, client, t.subject, form.Get("scope"), oauth.AccessTokenType)
	}
	return 400, `{"error":"unsupported_grant_type"}`
}

// fakeValue is the n-th access token, which no other one is near to.
func fakeValue(n int) string {
	sum := sha256.Sum256([]byte{byte(n), byte(n >> 8), byte(n >> 16)})
	return fmt.Sprintf("token-%d-%s", n, base64.RawURLEncoding.EncodeToString(sum[:]))
}

// issue makes an access token, and a refresh token when the scope asks for one.
func (s *fakeServer) issue(r *http.Request, g *fakeGrant, client, subject, scope, issuedType string) (int, string) {
	s.issued++
	granted := strings.Fields(scope) // a set, RFC 6749 section 3.3
	slices.Sort(granted)
	scope = strings.Join(slices.Compact(granted), " ")
	t := &fakeToken{client: client, subject: subject, scope: scope, grant: g,
		expires: time.Now().Add(s.clients[client].AccessTokenLifetime)}
	access := fakeValue(s.issued)
	for value, before := range s.tokens {
		mine := before.client == client && before.live() && !before.refresh && g == nil
		if mine && s.sameToken {
			access, t = value, before
		}
		before.revoked = before.revoked || mine && s.oneToken
	}
	s.tokens[access] = t
	s.keep(client, access)
	answer := map[string]any{
		"access_token": access, "token_type": "Bearer",
		"expires_in": int(s.clients[client].AccessTokenLifetime.Seconds()), "scope": scope,
	}
	if r.Header.Get("DPoP") != "" {
		answer["token_type"] = "DPoP"
	}
	if issuedType != "" {
		answer["issued_token_type"] = issuedType
	}
	if g != nil && strings.Contains(scope, offline) {
		refresh := *t
		refresh.refresh, refresh.expires = true, time.Now().Add(720*time.Hour)
		answer["refresh_token"] = fmt.Sprintf("refresh-%d", s.issued)
		s.tokens[fmt.Sprintf("refresh-%d", s.issued)] = &refresh
	}
	body, _ := json.Marshal(answer)
	return 200, string(body)
}

// caller is the client that proved who it is, in the way that it was registered with.
func (s *fakeServer) caller(r *http.Request, form url.Values) (string, bool) {
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = form.Get("client_id"), form.Get("client_secret")
	}
	spec, ok := s.clients[id]
	if !ok {
		return id, id != "" && s.anyone[r.URL.Path] == "unknown"
	}
	switch spec.AuthMethod {
	case oauth.AuthBasic:
		ok = basic && secret == fakeSecret
	case oauth.AuthPost:
		ok = !basic && secret == fakeSecret
	case oauth.AuthNone:
		ok = secret == ""
	case oauth.AuthSecretJWT, oauth.AuthPrivateKeyJWT:
		claims, valid := s.assertion(id, form.Get("client_assertion"), spec.AuthMethod == oauth.AuthPrivateKeyJWT)
		ok = valid && claims.Issuer == id && claims.Subject == id
	}
	shown := secret != "" || form.Has("client_assertion")
	switch s.anyone[r.URL.Path] {
	case "secret":
		ok = ok || shown
	case "none":
		ok = ok || !shown
	case "case":
		ok = ok || strings.EqualFold(secret, fakeSecret)
	case "longer":
		ok = ok || strings.HasPrefix(secret, fakeSecret)
	case "empty":
		ok = ok || basic && secret == ""
	case "body":
		ok = ok || !basic && secret != ""
	case "beginning":
		ok = ok || shown && strings.HasPrefix(secret, fakeSecret[:4])
	}
	if s.locksAfter > 0 && s.failures >= s.locksAfter {
		return id, false
	}
	if !ok {
		s.failures++
	} else if s.forgives {
		s.failures = 0
	}
	return id, ok
}

// pretends tells whether a request to the token or the revocation endpoint is of nobody that there is, or
// shows a wrong secret, or none where there is one: no planted fault answers that, unless it is one of
// authentication.
func (s *fakeServer) pretends(r *http.Request, form url.Values) bool {
	if r.URL.Path != "/token" && r.URL.Path != "/revoke" {
		return false
	}
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = form.Get("client_id"), form.Get("client_secret")
	}
	spec, known := s.clients[id]
	if id != "" && !known {
		return true
	}
	switch spec.AuthMethod {
	case oauth.AuthBasic, oauth.AuthPost:
		return secret != fakeSecret
	}
	return false
}

// assertion reads one of a client's assertions: signed by its key, unless it is signed
// with its secret, for this server, and not seen before.
func (s *fakeServer) assertion(client, text string, key bool) (oauth.Assertion, bool) {
	var claims oauth.Assertion
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return claims, false
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(payload, &claims) != nil || s.used[claims.ID] {
		return claims, false
	}
	if key {
		keys, err := oauth.ParseKeys(s.clients[client].Keys)
		if err != nil {
			return claims, false
		}
		j, err := oauth.ReadJWT(text)
		if err != nil {
			return claims, false
		}
		if why, err := keys.Verify(j); err != nil || why != "" {
			return claims, false
		}
	} else {
		mac := hmac.New(sha256.New, []byte(fakeSecret))
		mac.Write([]byte(parts[0] + "." + parts[1]))
		if parts[2] != base64.RawURLEncoding.EncodeToString(mac.Sum(nil)) {
			return claims, false
		}
	}
	s.used[claims.ID] = true
	for _, a := range claims.Audience {
		if a == fakeIssuer {
			return claims, true
		}
	}
	return claims, false
}

// proven tells whether a request carries a proof that was made for it and not used.
func (s *fakeServer) proven(r *http.Request) bool {
	parts := strings.Split(r.Header.Get("DPoP"), ".")
	if len(parts) != 3 {
		return false
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	var claims struct {
		ID     string `json:"jti"`
		Method string `json:"htm"`
		URL    string `json:"htu"`
		At     int64  `json:"iat"`
	}
	if err != nil || json.Unmarshal(payload, &claims) != nil || s.used[claims.ID] {
		return false
	}
	s.used[claims.ID] = true
	age := time.Since(time.Unix(claims.At, 0)).Abs()
	return claims.Method == r.Method && claims.URL == "http://fake.test"+r.URL.Path && age < time.Minute
}

// keep ends the oldest token where there are more than the server keeps.
func (s *fakeServer) keep(client, access string) {
	if s.keeps == 0 {
		return
	}
	if s.keptOfAll {
		client = ""
	}
	mine := append(s.kept[client], access)
	if len(mine) > s.keeps {
		delete(s.tokens, mine[0])
		mine = mine[1:]
	}
	s.kept[client] = mine
}
