package oauth

import (
	"time"
)

// Token is a successful answer of the token endpoint (RFC 6749 section 5.1).
type Token struct {
	AccessToken  string
	TokenType    string
	ExpiresIn    int64 // seconds; 0 when the server does not tell
	RefreshToken string
	Scope        string // space separated
	IssuedType   string // of an exchange, RFC 8693 section 2.2.1
	Odd          Oddities
}

// Life is how long the access token lives; 0 when the server does not tell, and a hundred
// years when it is more.
func (t Token) Life() time.Duration {
	const most = 100 * 365 * 24 * 60 * 60 // seconds; a time.Duration holds 292 years
	return time.Duration(min(max(t.ExpiresIn, 0), most)) * time.Second
}

// longestToken is how many bytes a token may have. HTTP servers take headers of 8 to 64 KiB,
// so that nobody could use a longer one, and every token of a trial is held in memory.
const longestToken = 64 << 10

// ParseToken reads a token response. It refuses bodies that are not JSON, tokens that are
// longer than any header may be, and bodies without the two members that RFC 6749 section 5.1 requires; the error is a
// *Refused, as with all that follow.
func ParseToken(body []byte) (Token, error) {
	d := readDocument("token response", "RFC 6749 section 5.1", body, false)
	t := Token{
		AccessToken: d.exact("access_token"), TokenType: d.text("token_type"), ExpiresIn: d.hint("expires_in"),
		RefreshToken: d.exact("refresh_token"), Scope: d.words("scope"), IssuedType: d.text("issued_token_type"),
	}
	switch {
	case t.AccessToken == "":
		d.refuse("without access_token")
	case t.TokenType == "":
		d.refuse("without token_type")
	case max(len(t.AccessToken), len(t.RefreshToken)) > longestToken:
		d.refuse("with a token of more than 64 KiB")
	}
	if d.refused != nil {
		return Token{}, d.err()
	}
	t.Odd = d.odd
	return t, nil
}

// Introspection is an answer of the introspection endpoint (RFC 7662 section 2.2).
// Members that are absent have their zero value.
type Introspection struct {
	Active    bool
	Scope     string // space separated
	ClientID  string
	TokenType string
	Exp       int64 // seconds since the epoch, as the two that follow
	Iat       int64
	Nbf       int64
	Subject   string
	Issuer    string
	Audience  Audience
	Odd       Oddities
}

// Audience is one audience or several (RFC 7519 section 4.1.3).
type Audience []string

// ParseIntrospection reads an introspection response, or one that is signed (RFC 9701
// section 5). The member active is required (RFC 7662 section 2.2): an answer that leaves
// it out says nothing.
func ParseIntrospection(body []byte) (Introspection, error) {
	d := readDocument("introspection response", "RFC 7662 section 2.2", body, true)
	if inner := d.value("token_introspection"); kindOf(inner) == kindObject {
		d.members = membersOf(inner)
	}
	active, told := d.truth("active")
	if !told {
		d.refuse("without active")
	}
	a := Introspection{Active: active}
	if active {
		a.Scope, a.ClientID, a.TokenType = d.words("scope"), d.text("client_id"), d.text("token_type")
		a.Exp, a.Iat, a.Nbf = d.seconds("exp"), d.hint("iat"), d.seconds("nbf")
		a.Subject, a.Issuer, a.Audience = d.text("sub"), d.exact("iss"), d.names("aud")
	}
	if d.refused != nil {
		return Introspection{}, d.err()
	}
	a.Odd = d.odd
	return a, nil
}

// Device is the answer to a device authorization request (RFC 8628 section 3.2).
type Device struct {
	DeviceCode      string
	UserCode        string
	VerificationURI string
	ExpiresIn       int64 // seconds
	Interval        int64 // seconds between polls; absent means 5
	Odd             Oddities
}

// ParseDevice reads a device authorization response. It refuses one without a member
// that section 3.2 requires.
func ParseDevice(body []byte) (Device, error) {
	d := readDocument("device authorization response", "RFC 8628 section 3.2", body, false)
	a := Device{
		DeviceCode: d.exact("device_code"), UserCode: d.text("user_code"), VerificationURI: d.text("verification_uri"),
		ExpiresIn: d.seconds("expires_in"), Interval: d.hint("interval"),
	}
	if a.VerificationURI == "" {
		if a.VerificationURI = d.text("verification_url"); a.VerificationURI != "" {
			d.note("verification_uri is called verification_url (" + d.source + ")")
		}
	}
	if a.DeviceCode == "" || a.UserCode == "" || a.VerificationURI == "" || a.ExpiresIn == 0 {
		d.refuse("without device_code, user_code, verification_uri or expires_in")
	}
	if d.refused != nil {
		return Device{}, d.err()
	}
	a.Odd = d.odd
	return a, nil
}

// User is what a server tells of a user (OpenID Connect Core 1.0 section 5.3.2).
type User struct {
	Subject string
	Odd     Oddities
}

// ParseUserinfo reads a userinfo response, which must have a subject and may be signed.
func ParseUserinfo(body []byte) (User, error) {
	d := readDocument("userinfo response", "OpenID Connect Core 1.0 section 5.3.2", body, true)
	u := User{Subject: d.text("sub")}
	if u.Subject == "" {
		d.refuse("without sub")
	}
	if d.refused != nil {
		return User{}, d.err()
	}
	u.Odd = d.odd
	return u, nil
}

// Refusal is an error response (RFC 6749 section 5.2). Its texts are as they were sent:
// whoever shows them must make them plain (Quote).
type Refusal struct {
	Error       string // "" when there is none
	Description string // People read it.
}

// ParseRefusal reads an error response. Those that keep to other conventions are read as
// far as they say something: an object with code and message, or a problem of RFC 9457.
func ParseRefusal(body []byte) Refusal {
	d := readDocument("error response", "RFC 6749 section 5.2", body, false)
	said := func(names ...string) string {
		for _, name := range names {
			if raw := d.value(name); kindOf(raw) == kindString {
				return unquote(raw)
			}
		}
		return ""
	}
	if inner := d.value("error"); kindOf(inner) == kindObject {
		d.members = membersOf(inner)
		return Refusal{said("code", "status", "type"), said("error_description", "message", "description")}
	}
	return Refusal{said("error"), said("error_description", "message", "detail", "title")}
}

// ParseError reads the error member of an error response; "" when there is none.
func ParseError(body []byte) string { return ParseRefusal(body).Error }
