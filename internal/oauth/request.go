package oauth

import (
	"net/http"
	"net/url"
)

// Request is one HTTP request, encoded. It is read-only once built and may be
// sent by any number of goroutines.
type Request struct {
	Method string
	URL    string
	Header http.Header
	Body   []byte
}

// ClientCredentials asks for a token with the client_credentials grant
// (RFC 6749 section 4.4.2). An empty scope leaves the parameter out.
func ClientCredentials(endpoint string, cred Credential, scope string) Request {
	form := url.Values{"grant_type": {"client_credentials"}}
	if scope != "" {
		form.Set("scope", scope)
	}
	return post(endpoint, cred, form)
}

// Refresh exchanges a refresh token (RFC 6749 section 6).
func Refresh(endpoint string, cred Credential, refreshToken string) Request {
	return post(endpoint, cred, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refreshToken}})
}

// Introspect asks for the state of a token (RFC 7662 section 2.1).
func Introspect(endpoint string, cred Credential, token string) Request {
	return post(endpoint, cred, url.Values{"token": {token}})
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

func post(endpoint string, cred Credential, form url.Values) Request {
	header := http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"},
		"Accept":       {"application/json"},
	}
	cred.apply(header, form)
	return Request{Method: http.MethodPost, URL: endpoint, Header: header, Body: []byte(form.Encode())}
}
