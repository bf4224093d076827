package settings

import (
	"slices"
	"strconv"

	"github.com/oauthbench/oauthbench/internal/faults"
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
	authenticated, spoken := []string{Token, Introspect, Revoke}, []string{Token, Introspect}
	return []faults.Kind{
		{Name: "anyauth", Summary: "takes any secret, or bearer token of a resource server, for the right one",
			Values: on, Operations: authenticated},
		{Name: "noauth", Summary: "lets in who shows no credentials at all; a token request must name its client still",
			Values: on, Operations: authenticated},
		{Name: "forged", Summary: "introspection looks at the claims of a JWT, and neither at its signature nor " +
			"at its header", Values: on},
		{Name: "casefold", Summary: "tokens are compared without regard to case", Values: on},
		{Name: "prefix", Summary: "tokens are compared but for their last 8 characters", Values: on},
		{Name: "inactive", Summary: "introspection calls a share of live tokens inactive", Values: share},
		{Name: "always_active", Summary: "introspection calls a share of all else active", Values: share},
		{Name: "short_life", Summary: "introspection calls access tokens inactive this long after they were issued, " +
			"whatever expires_in says", Values: duration},
		{Name: "wrong_scope", Summary: "a share of access tokens has a scope that nobody asked for", Values: share},
		{Name: "late_revocation", Summary: "a revoked token stays active for this long", Values: duration},
		{Name: "lost_revocation", Summary: "a share of revocations is answered, and not done", Values: share},
		{Name: "revived", Summary: "a revoked token is active again when this has passed", Values: duration},
		{Name: "revoked_twice", Summary: "a token that is revoked a second time is active again", Values: on},
		{Name: "killall", Summary: "one revocation ends all tokens of its client", Values: on},
		{Name: "wrong_client", Summary: "a client may revoke the tokens of another", Values: on},
		{Name: "inactive_400", Summary: "introspection answers 400 for every token that is not active", Values: on},
		{Name: "malformed_400", Summary: "introspection answers 400 for what has not the form of a token", Values: on},
		{Name: "jwt_unsupported", Summary: "introspection and revocation refuse JWTs with 400 unsupported_token_type",
			Values: on},
		{Name: "narrow_scope", Summary: "a share of access tokens lacks the last scope that was asked for, and its " +
			"answer says so",
			Values: share},
		{Name: "unknown_key", Summary: "a share of JWTs is signed by a key that is not in the key set", Values: share},
		{Name: "early_nbf", Summary: "JWTs count only from this long after they were issued", Values: duration},
		{Name: "short_exp", Summary: "JWTs end this long after they were issued, whatever expires_in says",
			Values: duration},
		{Name: "equal_jti", Summary: "all JWTs have the same jti, and a nonce by which they differ", Values: on},
		{Name: "other_sub", Summary: "a share of JWTs, or of answers of introspection, names another subject",
			Values: share, Operations: spoken},
		{Name: "exp_fraction", Summary: "exp of JWTs, or of introspection, has half a second more", Values: on,
			Operations: spoken},
		{Name: "introspected_exp", Summary: "introspection has exp in milliseconds, or a year late",
			Values: []faults.Value{faults.Word("ms", "late")}},
		{Name: "number_strings", Summary: "expires_in, exp and iat of answers are strings", Values: on,
			Operations: spoken},
		{Name: "scope_array", Summary: "scope of answers is an array", Values: on, Operations: spoken},
		{Name: "same_token", Summary: "client_credentials gives the same token until it expires or is revoked",
			Values: on},
		{Name: "one_token", Summary: "a new access token ends the one before, of the same client and subject",
			Values: on},
		{Name: "migration", Summary: "the migration from v1 marks sessions as revoked, loses their subject, or " +
			"revives those that were revoked; quoted fails half-way while a client's name has a quotation mark",
			Values: []faults.Value{faults.Word("invalid", "subject", "revived", "quoted")}},
		{Name: "dead_door", Summary: "revoking a user's consent is answered with 204, and not done", Values: on},
		{Name: "greedy_clean_up", Summary: "the clean-up job deletes sessions that are alive", Values: on},
		{Name: "clock_skew", Summary: "the clock of the server is this much ahead, or behind when negative",
			Values: []faults.Value{faults.Skew}},
	}
}

// ofJWTs are the kinds that strike nothing but access tokens that are JWTs.
var ofJWTs = []string{"forged", "jwt_unsupported", "unknown_key", "early_nbf", "short_exp", "equal_jti"}

// Idle says of planted faults that they strike nothing with these settings, "" when each can.
func (s Settings) Idle() string {
	for _, f := range s.Faults {
		if s.Tokens != TokensJWT && slices.Contains(ofJWTs, f.Kind) {
			return faultPrefix + f.Kind + " strikes nothing where access tokens are opaque: add tokens=" + TokensJWT
		}
	}
	return ""
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
