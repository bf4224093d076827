package oauth

import (
	"slices"
	"strings"
)

// Metadata is what a server says of itself (RFC 8414 section 2).
type Metadata struct {
	Endpoints
	Address     string   // where it was found
	Grants      []string // nil when it does not tell, as the two that follow
	AuthMethods []string
	ProofAlgs   []string // RFC 9449 section 5.1
	Odd         Oddities
}

// ParseMetadata reads a metadata document. It refuses one without an issuer, which
// RFC 8414 section 2 requires. Lists that cannot be read are left out with a note.
func ParseMetadata(body []byte) (Metadata, error) {
	d := readDocument("metadata", "RFC 8414 section 2", body, false)
	var m Metadata
	m.Issuer, m.TokenIssuer = d.exact("issuer"), d.exact("access_token_issuer")
	for _, e := range m.All() {
		*e.Address = d.address(e.Member)
	}
	m.Grants = d.offered("grant_types_supported")
	m.AuthMethods = d.offered("token_endpoint_auth_methods_supported")
	m.ProofAlgs = d.offered("dpop_signing_alg_values_supported")
	if m.Issuer == "" {
		d.refuse("without issuer")
	}
	if d.refused != nil {
		return Metadata{}, d.err()
	}
	m.Odd = d.odd
	return m, nil
}

// address is an address, "" for a false: some servers say so that they have no such endpoint.
func (d *document) address(name string) string {
	if raw := d.value(name); string(raw) == "false" {
		d.note(name + " is false, and was left out (" + d.source + ": a string)")
		return ""
	}
	return d.exact(name)
}

// offered is a list of what a server can do, nil when it does not tell.
func (d *document) offered(name string) []string {
	raw := d.value(name)
	switch is := kindOf(raw); is {
	case kindNull:
		return nil
	case kindList:
		elements := elementsOf(raw)
		all := make([]string, 0, len(elements))
		for _, e := range elements {
			if kindOf(e) == kindString {
				all = append(all, unquote(e))
				continue
			}
			d.note(name + " is a list with " + string(kindOf(e)) + " in it, which was left out (" + d.source +
				": strings)")
		}
		return all
	case kindString:
		d.other(name, "a string", "a list")
		return strings.Fields(unquote(raw))
	default:
		d.note(name + " is " + string(is) + ", and was left out (" + d.source + ": a list)")
		return nil
	}
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
	for _, names := range [][]string{grants, methods} {
		for _, name := range names {
			cs = append(cs, Capability(name))
		}
	}
	for _, has := range []struct {
		value string
		c     Capability
	}{
		{m.Introspection, HasIntrospection}, {m.Revocation, HasRevocation}, {m.Userinfo, HasUserinfo},
		{m.JWKS, HasJWKS}, {m.Address, HasDiscovery},
	} {
		if has.value != "" {
			cs = append(cs, has.c)
		}
	}
	if slices.Contains(m.ProofAlgs, ES256) { // the one that we make
		cs = append(cs, HasDPoP)
	}
	return cs
}
