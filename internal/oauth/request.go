package oauth

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Request is one HTTP request, encoded. It is read-only once built and may be
// sent by any number of goroutines.
type Request struct {
	Method string
	URL    string
	Header http.Header
	Body   []byte
}

// Param is one more parameter of a token request, such as audience. One without a
// value is left out.
type Param struct{ Name, Value string }

// ClientCredentials asks for a token with the client_credentials grant
// (RFC 6749 section 4.4.2). An empty scope leaves the parameter out.
func ClientCredentials(endpoint string, cred Credential, scope string, more ...Param) Request {
	return grant(endpoint, cred, GrantClientCredentials, append(more, Param{"scope", scope}))
}

// Refresh exchanges a refresh token (RFC 6749 section 6).
func Refresh(endpoint string, cred Credential, refreshToken string) Request {
	return grant(endpoint, cred, GrantRefreshToken, []Param{{"refresh_token", refreshToken}})
}

// Authorize is the authorization request (RFC 6749 section 4.1.1) as a browser sends
// it, with a code challenge when there is one (RFC 7636 section 4.3).
func Authorize(endpoint string, a Authorization) Request {
	query := url.Values{"response_type": {"code"}, "client_id": {a.ClientID}, "redirect_uri": {a.RedirectURI}}
	for name, value := range map[string]string{"scope": a.Scope, "state": a.State} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if a.Challenge != "" {
		query.Set("code_challenge", a.Challenge)
		query.Set("code_challenge_method", "S256")
	}
	separator := "?"
	if strings.Contains(endpoint, "?") {
		separator = "&"
	}
	return Request{Method: http.MethodGet, URL: endpoint + separator + query.Encode(),
		Header: http.Header{"Accept": {"text/html"}}}
}

// Code exchanges an authorization code (RFC 6749 section 4.1.3) with the verifier of
// its challenge (RFC 7636 section 4.5).
func Code(endpoint string, cred Credential, code, redirectURI, verifier string) Request {
	return grant(endpoint, cred, GrantAuthorizationCode,
		[]Param{{"code", code}, {"redirect_uri", redirectURI}, {"code_verifier", verifier}})
}

// NewVerifier makes a code verifier and its S256 challenge (RFC 7636 sections 4.1, 4.2).
func NewVerifier() (verifier, challenge string) {
	verifier = random() + random() // 52 characters; the least is 43
	sum := sha256.Sum256([]byte(verifier))
	return verifier, base64.RawURLEncoding.EncodeToString(sum[:])
}

// DeviceAuthorization begins the device flow (RFC 8628 section 3.1).
func DeviceAuthorization(endpoint string, cred Credential, scope string) Request {
	form := url.Values{"client_id": {cred.ClientID}}
	if scope != "" {
		form.Set("scope", scope)
	}
	return post(endpoint, cred, form)
}

// DeviceToken polls for the tokens of a device (RFC 8628 section 3.4).
func DeviceToken(endpoint string, cred Credential, deviceCode string) Request {
	return grant(endpoint, cred, GrantDeviceCode, []Param{{"device_code", deviceCode}, {"client_id", cred.ClientID}})
}

// JWTBearer asks for a token with an assertion (RFC 7523 section 2.1).
func JWTBearer(endpoint string, cred Credential, assertion, scope string) Request {
	return grant(endpoint, cred, GrantJWTBearer, []Param{{"assertion", assertion}, {"scope", scope}})
}

// Exchange trades an access token for another (RFC 8693 section 2.1).
func Exchange(endpoint string, cred Credential, subjectToken, scope string, more ...Param) Request {
	return grant(endpoint, cred, GrantTokenExchange, append(more,
		Param{"subject_token", subjectToken}, Param{"subject_token_type", AccessTokenType},
		Param{"requested_token_type", AccessTokenType}, Param{"scope", scope}))
}

// AccessTokenType is how token exchange names access tokens (RFC 8693 section 3).
const AccessTokenType = "urn:ietf:params:oauth:token-type:access_token"

// Introspect asks for the state of a token (RFC 7662 section 2.1). hint is access_token,
// refresh_token or left out.
func Introspect(endpoint string, cred Credential, token string, hint ...string) Request {
	form := url.Values{"token": {token}}
	for _, kind := range hint {
		form.Set("token_type_hint", kind)
	}
	return post(endpoint, cred, form)
}

// Revoke revokes a token (RFC 7009 section 2.1). hint is access_token,
// refresh_token or empty.
func Revoke(endpoint string, cred Credential, token, hint string) Request {
	form := url.Values{"token": {token}}
	if hint != "" {
		form.Set("token_type_hint", hint)
	}
	return post(endpoint, cred, form)
}

// Userinfo asks for the claims of the user who granted a token (OpenID Connect Core
// 1.0 section 5.3.1), sent as RFC 6750 section 2.1 has it.
func Userinfo(endpoint, accessToken string) Request {
	r := Get(endpoint)
	r.Header.Set("Authorization", "Bearer "+accessToken)
	return r
}

// Get asks for a document.
func Get(address string) Request {
	return Request{Method: http.MethodGet, URL: address, Header: http.Header{"Accept": {"application/json"}}}
}

// WithProof adds a DPoP proof by k (RFC 9449 section 4) for a request that is sent at
// a time. accessToken is the one that it presents, "" at the token endpoint.
func (r Request) WithProof(k *Key, at time.Time, accessToken string) (Request, error) {
	proof, err := k.Proof(r.Method, r.URL, at, accessToken)
	if err != nil {
		return r, err
	}
	r.Header = r.Header.Clone()
	r.Header.Set("DPoP", proof)
	if accessToken != "" {
		r.Header.Set("Authorization", "DPoP "+accessToken) // section 7.1
	}
	return r, nil
}

func grant(endpoint string, cred Credential, kind Capability, params []Param) Request {
	form := url.Values{"grant_type": {string(kind)}}
	for _, p := range params {
		if p.Value != "" {
			form.Set(p.Name, p.Value)
		}
	}
	return post(endpoint, cred, form)
}

func post(endpoint string, cred Credential, form url.Values) Request {
	header := http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"},
		"Accept":       {"application/json"},
	}
	cred.apply(header, form)
	return Request{Method: http.MethodPost, URL: endpoint, Header: header, Body: []byte(form.Encode())}
}
