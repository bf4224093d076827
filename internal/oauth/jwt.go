package oauth

import (
	"encoding/base64"
	"strings"
)

// LooksLikeJWT tells whether a token has the form of a signed JWT.
func LooksLikeJWT(token string) bool {
	return strings.HasPrefix(token, "eyJ") && strings.Count(token, ".") == 2
}

// RefreshOf is the client of a JWT whose claims say that it is a refresh token, as Keycloak's do;
// false of any other.
func RefreshOf(token string) (client string, is bool) {
	if !LooksLikeJWT(token) {
		return "", false
	}
	d := decode("JWT", "RFC 7519 section 4.1", strings.Split(token, ".")[1])
	kind := d.text("typ")
	return d.text("azp"), kind == "Refresh" || kind == "Offline"
}

// JWT is a signed token, taken apart and not judged.
type JWT struct {
	Algorithm string // alg, RFC 7515 section 4.1.1
	KeyID     string // "" when there is none
	Type      string // typ; at+jwt promises RFC 9068
	Nonce     bool   // in its header, as Entra ID has it in tokens for others
	Critical  bool   // its header names extensions that must be understood, RFC 7515 section 4.1.11
	Claims    Claims

	token string
}

// Claims are those of a JWT access token (RFC 9068 section 2.2).
type Claims struct {
	Issuer    string
	Subject   string
	Audience  Audience
	Expires   int64 // seconds since the epoch, as the two that follow; 0: absent
	NotBefore int64
	Issued    int64
	ID        string // jti
	ClientID  string
	Scope     string // space separated
	Odd       Oddities
}

// ReadJWT takes a token apart that LooksLikeJWT. The error is a *Refused.
func ReadJWT(token string) (JWT, error) {
	j := JWT{token: token}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return j, &Refused{What: "JWT", Why: "has not three parts"}
	}
	head := decode("header of a JWT", "RFC 7515 section 4.1", parts[0])
	j.Algorithm, j.KeyID, j.Type = head.exact("alg"), head.text("kid"), head.text("typ")
	j.Nonce, j.Critical = head.value("nonce") != nil, head.value("crit") != nil
	if head.refused != nil {
		return j, head.err()
	}
	d := decode("JWT", "RFC 7519 section 4.1", parts[1])
	j.Claims = Claims{
		Issuer: d.exact("iss"), Subject: d.text("sub"), Audience: d.names("aud"),
		Expires: d.date("exp"), NotBefore: d.date("nbf"), Issued: d.date("iat"),
		ID: d.text("jti"), ClientID: d.text("client_id"), Scope: d.scopes(),
	}
	if d.refused != nil {
		return j, d.err()
	}
	j.Claims.Odd = d.odd
	return j, nil
}

// scopes are the scope of a JWT. RFC 9068 section 2.2.3 has a string; servers whose JWTs
// do not claim to follow it have a list, or call it scp (Entra ID, Okta), which is nothing to speak of.
func (d *document) scopes() string {
	name := "scope"
	if d.value(name) == nil {
		name = "scp"
	}
	if raw := d.value(name); kindOf(raw) == kindList {
		return strings.Join(d.strings(name, raw), " ")
	}
	return d.spaced(name, d.text(name))
}

// decode reads a part of a JWT.
func decode(what, source, part string) *document {
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		d := &document{what: what, source: source}
		d.refuse("is not in base64url")
		return d
	}
	return readDocument(what, source, text, false)
}
