package oauth

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Token is a successful answer of the token endpoint (RFC 6749 section 5.1).
type Token struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int64  `json:"expires_in"` // seconds; 0 when the server does not tell
	RefreshToken string `json:"refresh_token"`
	Scope        string `json:"scope"`
}

// Introspection is an answer of the introspection endpoint (RFC 7662 section 2.2).
// Exp is 0 when absent.
type Introspection struct {
	Active   bool   `json:"active"`
	Scope    string `json:"scope"`
	ClientID string `json:"client_id"`
	Exp      int64  `json:"exp"` // seconds since the epoch
}

// ParseToken reads a token response. It refuses bodies that are not JSON and
// bodies without the two members that RFC 6749 section 5.1 requires.
func ParseToken(body []byte) (Token, error) {
	var t Token
	if err := json.Unmarshal(body, &t); err != nil {
		return Token{}, fmt.Errorf("token response is not JSON: %s", brief(body))
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
		return Introspection{}, fmt.Errorf("introspection response is not JSON: %s", brief(body))
	}
	if answer.Active == nil {
		return Introspection{}, errors.New("introspection response without active")
	}
	answer.Introspection.Active = *answer.Active
	return answer.Introspection, nil
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
