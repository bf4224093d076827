package oauth

// Authorization is an authorization request (RFC 6749 section 4.1.1) together with
// the user who agrees to it.
type Authorization struct {
	ClientID    string
	RedirectURI string
	Scope       string // space separated; offline_access asks for a refresh token
	State       string
	Challenge   string // code_challenge with the method S256 (RFC 7636 section 4.3); "" for none
	Subject     string // the user who logs in
}

// DeviceApproval is a user's consent to a device (RFC 8628 section 3.3).
type DeviceApproval struct {
	UserCode string
	Subject  string
	Scope    string // granted, space separated
}
