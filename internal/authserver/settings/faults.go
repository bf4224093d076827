package settings

import (
	"slices"
	"strconv"

	"oauthbench/internal/faults"
)

// Operations of the public interface, at which a fault can be planted.
const (
	Authorize  = "authorize"
	Token      = "token"
	Introspect = "introspect"
	Revoke     = "revoke"
	JWKS       = "jwks"
	Discovery  = "discovery"
	Userinfo   = "userinfo"
	Device     = "device" // device authorization; a device polls the token endpoint
)

// faultPrefix begins the setting of every fault.
const faultPrefix = "fault."

// Operations are all of them.
func Operations() []string {
	return []string{Authorize, Token, Introspect, Revoke, JWKS, Discovery, Userinfo, Device}
}

// FaultKinds are all kinds of faults that can be planted: those of any handler, then
// those in what an authorization server knows and says.
func FaultKinds() []faults.Kind {
	return append(faults.Kinds(), ownKinds()...)
}

// ownKinds are the kinds that the server itself plants.
func ownKinds() []faults.Kind {
	share, duration, on := []faults.Value{faults.Share}, []faults.Value{faults.Duration}, []faults.Value{faults.On}
	authenticated := []string{Token, Introspect, Revoke}
	return []faults.Kind{
		{Name: "anyauth", Summary: "takes any secret, or bearer token of a resource server, for the right one",
			Values: on, Operations: authenticated},
		{Name: "noauth", Summary: "lets in who shows no credentials at all; a token request must name its client still",
			Values: on, Operations: authenticated},
		{Name: "forged", Summary: "introspection looks at the claims of a JWT, and neither at its signature nor at its header", Values: on},
		{Name: "casefold", Summary: "tokens are compared without regard to case", Values: on},
		{Name: "prefix", Summary: "tokens are compared but for their last 8 characters", Values: on},
		{Name: "inactive", Summary: "introspection calls a share of live tokens inactive", Values: share},
		{Name: "always_active", Summary: "introspection calls a share of all else active", Values: share},
		{Name: "wrong_scope", Summary: "a share of access tokens has a scope that nobody asked for", Values: share},
		{Name: "late_revocation", Summary: "a revoked token stays active for this long", Values: duration},
		{Name: "lost_revocation", Summary: "a share of revocations is answered, and not done", Values: share},
		{Name: "revived", Summary: "a revoked token is active again when this has passed", Values: duration},
		{Name: "killall", Summary: "one revocation ends all tokens of its client", Values: on},
		{Name: "wrong_client", Summary: "a client may revoke the tokens of another", Values: on},
		{Name: "inactive_400", Summary: "introspection answers 400 for every token that is not active", Values: on},
		{Name: "malformed_400", Summary: "introspection answers 400 for what has not the form of a token", Values: on},
		{Name: "jwt_unsupported", Summary: "introspection and revocation refuse JWTs with 400 unsupported_token_type", Values: on},
	}
}

// Own tells whether the server itself plants faults of a kind.
func Own(kind string) bool {
	return slices.ContainsFunc(ownKinds(), func(k faults.Kind) bool { return k.Name == kind })
}

// faultSettings are the settings of all kinds.
func faultSettings() []Setting {
	var all []Setting
	for _, k := range FaultKinds() {
		all = append(all, Setting{
			Key: faultPrefix + k.Name, Help: "a planted fault: the server " + k.Summary,
			Form: k.Form(), Allowed: k.Allowed(Operations()),
			set: func(s *Settings, text string) bool {
				parsed, err := k.Parse(text, Operations())
				s.Faults = append(s.Faults, parsed...)
				return err == nil
			},
			get: func(s Settings) string { return k.Format(s.Faults) },
		})
	}
	return append(all, Setting{
		Key: faultPrefix + "seed", Help: "which events the faults strike", Form: "N", Allowed: "a whole number",
		set: func(s *Settings, text string) (ok bool) {
			n, err := strconv.ParseUint(text, 10, 64)
			s.FaultSeed = n
			return err == nil
		},
		get: func(s Settings) string {
			if len(s.Faults) == 0 {
				return ""
			}
			return strconv.FormatUint(s.FaultSeed, 10)
		},
	})
}
