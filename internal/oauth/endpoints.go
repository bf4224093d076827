package oauth

// Endpoints are the absolute URLs of one authorization server. An empty field
// means the server has no such endpoint, or does not tell.
type Endpoints struct {
	Issuer        string `json:"issuer"`
	Authorization string `json:"authorization_endpoint,omitempty"`
	Token         string `json:"token_endpoint,omitempty"`
	Introspection string `json:"introspection_endpoint,omitempty"`
	Revocation    string `json:"revocation_endpoint,omitempty"`
	Userinfo      string `json:"userinfo_endpoint,omitempty"`
	JWKS          string `json:"jwks_uri,omitempty"`
	// DeviceAuthorization is RFC 8628 section 4's.
	DeviceAuthorization string `json:"device_authorization_endpoint,omitempty"`
	// TokenIssuer is what access tokens name as their issuer when it is another than
	// Issuer by the server's design; "" when it is the same.
	TokenIssuer string `json:"access_token_issuer,omitempty"`
}

// Named is an endpoint with the metadata member that it stands in.
type Named struct {
	Member  string
	Address *string
}

// All are the endpoints that requests are sent to, those that are not there too.
func (e *Endpoints) All() []Named {
	return []Named{
		{"authorization_endpoint", &e.Authorization}, {"token_endpoint", &e.Token},
		{"introspection_endpoint", &e.Introspection},
		{"revocation_endpoint", &e.Revocation}, {"userinfo_endpoint", &e.Userinfo}, {"jwks_uri", &e.JWKS},
		{"device_authorization_endpoint", &e.DeviceAuthorization},
	}
}
