package oauth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Token is a successful answer of the token endpoint (RFC 6749 section 5.1).
type Token struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int64  `json:"expires_in"` // seconds; 0 when the server does not tell
	RefreshToken string `json:"refresh_token"`
	Scope        string `json:"scope"`
	IssuedType   string `json:"issued_token_type"` // of an exchange, RFC 8693 section 2.2.1
}

// Life is how long the access token lives; 0 when the server does not tell, and a hundred
// years when it is more.
func (t Token) Life() time.Duration {
	const most = 100 * 365 * 24 * 60 * 60 // seconds; a time.Duration holds 292 years
	return time.Duration(min(max(t.ExpiresIn, 0), most)) * time.Second
}

// Introspection is an answer of the introspection endpoint (RFC 7662 section 2.2).
// Members that are absent have their zero value.
type Introspection struct {
	Active    bool     `json:"active"`
	Scope     string   `json:"scope"`
	ClientID  string   `json:"client_id"`
	TokenType string   `json:"token_type"`
	Exp       int64    `json:"exp"` // seconds since the epoch
	Subject   string   `json:"sub"`
	Issuer    string   `json:"iss"`
	Audience  Audience `json:"aud"`
}

// Audience is one audience or several (RFC 7519 section 4.1.3).
type Audience []string

// UnmarshalJSON reads a string or an array of strings.
func (a *Audience) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*a = nil
		if one != "" {
			*a = Audience{one}
		}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(a))
}

// ParseToken reads a token response. It refuses bodies that are not JSON and
// bodies without the two members that RFC 6749 section 5.1 requires.
func ParseToken(body []byte) (Token, error) {
	var t Token
	if err := json.Unmarshal(body, &t); err != nil {
		return Token{}, unreadable("token response", body, err)
	}
	if t.AccessToken == "" {
		return Token{}, errors.New("token response without access_token")
	}
	if t.TokenType == "" {
		return Token{}, errors.New("token response without token_type")
	}
	return t, nil
}

// ParseIntrospection reads an introspection response. The member active is
// required (RFC 7662 section 2.2): an answer that leaves it out says nothing.
func ParseIntrospection(body []byte) (Introspection, error) {
	var answer struct {
		Introspection
		Active *bool `json:"active"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return Introspection{}, unreadable("introspection response", body, err)
	}
	if answer.Active == nil {
		return Introspection{}, errors.New("introspection response without active")
	}
	answer.Introspection.Active = *answer.Active
	return answer.Introspection, nil
}

// unreadable says why an answer could not be read, and quotes none of it: there may be
// tokens in it. A page of HTML is quoted, for it mostly says what went wrong.
func unreadable(what string, body []byte, err error) error {
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong) && wrong.Field != "":
		kind, _, _ := strings.Cut(wrong.Value, " ")                   // a number comes with its value
		member := wrong.Field[strings.LastIndex(wrong.Field, ".")+1:] // without our own structs
		return fmt.Errorf("%s in which %s is of the JSON type %s", what, member, kind)
	case errors.As(err, &wrong):
		return fmt.Errorf("%s is no JSON object", what)
	case bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")):
		return fmt.Errorf("%s is not JSON: %s", what, brief(body))
	default:
		return fmt.Errorf("%s is not JSON", what)
	}
}

// ParseError reads the error member of an error response (RFC 6749 section 5.2);
// "" when there is none.
func ParseError(body []byte) string {
	var e struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(body, &e) != nil {
		return ""
	}
	return e.Error
}

// Device is the answer to a device authorization request (RFC 8628 section 3.2).
type Device struct {
	DeviceCode      string `json:"device_code"`
	UserCode        string `json:"user_code"`
	VerificationURI string `json:"verification_uri"`
	ExpiresIn       int64  `json:"expires_in"` // seconds
	Interval        int64  `json:"interval"`   // seconds between polls; absent means 5
}

// ParseDevice reads a device authorization response. It refuses one without a member
// that section 3.2 requires.
func ParseDevice(body []byte) (Device, error) {
	var d Device
	if err := json.Unmarshal(body, &d); err != nil {
		return Device{}, unreadable("device authorization response", body, err)
	}
	if d.DeviceCode == "" || d.UserCode == "" || d.VerificationURI == "" || d.ExpiresIn == 0 {
		return Device{}, errors.New("device authorization response without device_code, user_code, verification_uri or expires_in")
	}
	return d, nil
}

// ParseUserinfo reads the subject of a userinfo response, which must have one (OpenID
// Connect Core 1.0 section 5.3.2).
func ParseUserinfo(body []byte) (subject string, err error) {
	var claims struct {
		Subject string `json:"sub"`
	}
	if err := json.Unmarshal(body, &claims); err != nil {
		return "", unreadable("userinfo response", body, err)
	}
	if claims.Subject == "" {
		return "", errors.New("userinfo response without sub")
	}
	return claims.Subject, nil
}
