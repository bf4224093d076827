package oauth

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Metadata is what a server says of itself (RFC 8414 section 2).
type Metadata struct {
	Endpoints
	Address     string   `json:"-"` // where it was found
	Grants      []string `json:"grant_types_supported"`
	AuthMethods []string `json:"token_endpoint_auth_methods_supported"`
	ProofAlgs   []string `json:"dpop_signing_alg_values_supported"` // RFC 9449 section 5.1
}

// ParseMetadata reads a metadata document. It refuses one without an issuer, which
// RFC 8414 section 2 requires.
func ParseMetadata(body []byte) (Metadata, error) {
	var m Metadata
	if err := json.Unmarshal(body, &m); err != nil {
		return Metadata{}, fmt.Errorf("%s is not metadata: %w", brief(body), err)
	}
	if m.Issuer == "" {
		return Metadata{}, errors.New("metadata without issuer")
	}
	return m, nil
}

// Capabilities are those that the metadata promises. Grants that are not listed are
// the two defaults of RFC 8414 section 2, of which only authorization_code matters;
// client_credentials is taken for granted then, for it is what most servers forget.
func (m Metadata) Capabilities() Capabilities {
	var cs Capabilities
	grants := m.Grants
	if grants == nil {
		grants = []string{string(GrantAuthorizationCode), string(GrantClientCredentials)}
	}
	methods := m.AuthMethods
	if methods == nil {
		methods = []string{AuthBasic} // the default of RFC 8414 section 2
	}
	for _, name := range slices.Concat(grants, methods) {
		cs = append(cs, Capability(name))
	}
	for _, has := range []struct {
		value string
		c     Capability
	}{
		{m.Introspection, HasIntrospection}, {m.Revocation, HasRevocation}, {m.Userinfo, HasUserinfo}, {m.JWKS, HasJWKS}, {m.Address, HasDiscovery},
	} {
		if has.value != "" {
			cs = append(cs, has.c)
		}
	}
	if len(m.ProofAlgs) > 0 {
		cs = append(cs, HasDPoP)
	}
	return cs
}
