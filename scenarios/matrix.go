package scenarios

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"oauthbench/bench"
	"oauthbench/internal/oauth"
)

// answer is what a server can say, as far as a specification tells answers apart.
type answer uint8

const (
	issued     answer = iota // tokens
	isActive                 // introspection: active
	isInactive               // introspection: not active
	accepted                 // status 200, whatever the body
	redirected               // to a page for the user
	begun                    // device and user code
	claims                   // of the user
	keySet                   // public keys
	metadata                 // of the server
	badGrant                 // 400 invalid_grant
	pending                  // 400 authorization_pending
	slowDown                 // 400 slow_down
	notYours                 // 400 unauthorized_client
	badClient                // 401, or 403
	unforeseen               // anything else
)

var answerWords = [...]string{
	issued: "tokens", isActive: "active", isInactive: "inactive", accepted: "200", redirected: "redirection", begun: "codes",
	claims: "claims with sub", keySet: "public keys", metadata: "metadata with issuer", badGrant: "400 invalid_grant",
	pending: "400 authorization_pending", slowDown: "400 slow_down", notYours: "400 unauthorized_client", badClient: "401 or 403",
}

// Kinds of what is presented.
const (
	accessToken  = "access token"
	refreshToken = "refresh token"
	credential   = "client credential"
	browser      = "browser"
	code         = "authorization code"
	deviceCode   = "device code"
	assertion    = "assertion"
	nothing      = "nothing"
)

// States that it is in.
const (
	active    = "active"
	revoked   = "revoked"
	expired   = "expired"
	unknown   = "unknown"
	malformed = "malformed"
	reused    = "reused"
	fresh     = "fresh"
	waiting   = "pending"
	approved  = "approved"
	foreign   = "wrong-client"
)

// rule is one case of the matrix: the answers that a specification allows.
type rule struct {
	operation, kind, state string
	allows                 []answer
	source                 string
}

// rules are the expectation matrix. Every arrival of every scenario is one of its
// cases; an answer that its case does not allow is Rejected or Invalid.
var rules = []rule{
	{"token", credential, active, []answer{issued}, "RFC 6749 section 4.4.3"},
	{"introspect", accessToken, active, []answer{isActive}, "RFC 7662 section 2.2"},
	{"introspect", accessToken, revoked, []answer{isInactive}, "RFC 7009 section 2, RFC 7662 section 2.2"},
	{"introspect", accessToken, expired, []answer{isInactive}, "RFC 7662 section 4"},
	{"introspect", accessToken, unknown, []answer{isInactive}, "RFC 7662 section 2.2"},
	{"introspect", accessToken, malformed, []answer{isInactive}, "RFC 7662 section 2.2"},
	{"introspect", accessToken, foreign, []answer{isActive, isInactive, badClient}, "RFC 7662 sections 2.2 and 2.3"},
	{"introspect", refreshToken, active, []answer{isActive}, "RFC 7662 section 2.1"},
	{"revoke", accessToken, active, []answer{accepted}, "RFC 7009 section 2.2"},
	{"revoke", refreshToken, active, []answer{accepted}, "RFC 7009 section 2.2"},
	// The token must stay active. Servers that say 200 treat it as one that they do not
	// know, so that nobody learns whether it exists.
	{"revoke", accessToken, foreign, []answer{accepted, badGrant, notYours, badClient}, "RFC 7009 sections 2.1 and 2.2"},
	{"refresh", refreshToken, active, []answer{issued}, "RFC 6749 section 6"},
	// A server may forgive a retry or see a thief in it. A slow one may see the retry
	// first: then the refusal is the other's.
	{"refresh-first", refreshToken, active, []answer{issued, badGrant}, "RFC 6749 section 6"},
	{"refresh-retry", refreshToken, reused, []answer{issued, badGrant}, "RFC 6749 section 5.2, RFC 9700 section 4.14.2"},
	{"authorize", browser, fresh, []answer{redirected}, "RFC 6749 section 4.1.1, RFC 7636 section 4.3"},
	{"code", code, fresh, []answer{issued}, "RFC 6749 section 4.1.4, RFC 7636 section 4.6"},
	{"device", nothing, fresh, []answer{begun}, "RFC 8628 section 3.2"},
	{"device-poll", deviceCode, waiting, []answer{pending, slowDown}, "RFC 8628 section 3.5"},
	{"device-poll", deviceCode, approved, []answer{issued}, "RFC 8628 section 3.5, RFC 6749 section 5.1"},
	{"jwt-bearer", assertion, fresh, []answer{issued}, "RFC 7523 section 2.1, RFC 6749 section 5.1"},
	{"exchange", accessToken, active, []answer{issued}, "RFC 8693 section 2.2.1"},
	{"userinfo", accessToken, active, []answer{claims}, "OpenID Connect Core 1.0 section 5.3.2"},
	{"jwks", nothing, fresh, []answer{keySet}, "RFC 7517 section 5"},
	{"discovery", nothing, fresh, []answer{metadata}, "RFC 8414 section 3.2"},
}

// Matrix are all cases that arrivals can be.
func Matrix() []bench.Expectation {
	all := make([]bench.Expectation, len(rules))
	for i := range rules {
		all[i] = rules[i].expectation()
	}
	return all
}

// ruleOf finds a case that there is.
func ruleOf(operation, kind, state string) *rule {
	i := slices.IndexFunc(rules, func(r rule) bool { return r.operation == operation && r.kind == kind && r.state == state })
	if i < 0 {
		panic(fmt.Sprintf("the matrix has no %s %s for %s", state, kind, operation))
	}
	return &rules[i]
}

func (r *rule) expectation() bench.Expectation {
	var words []string
	for _, a := range r.allows {
		words = append(words, answerWords[a])
	}
	return bench.Expectation{Operation: r.operation, Kind: r.kind, State: r.state, Expected: strings.Join(words, " or "), Source: r.source}
}

func (r *rule) allow(a answer) bool { return slices.Contains(r.allows, a) }

// refusal judges an answer that is not a success.
func (r *rule) refusal(got *vegeta.Result) bench.Answer {
	name := knownError(oauth.ParseError(got.Body))
	if r.allow(refusalOf(got.Code, name)) {
		return bench.Answer{}
	}
	return bench.Answer{Outcome: bench.Rejected, Case: strings.TrimSpace(fmt.Sprintf("status %d %s", got.Code, name))}
}

func refusalOf(status uint16, name string) answer {
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return badClient
	case status != http.StatusBadRequest:
		return unforeseen
	case name == "invalid_grant":
		return badGrant
	case name == "authorization_pending":
		return pending
	case name == "slow_down":
		return slowDown
	case name == "unauthorized_client":
		return notYours
	default:
		return unforeseen
	}
}

// errorNames are the errors of RFC 6749 section 5.2, RFC 7009 section 2.2.1, RFC 8628
// section 3.5, RFC 8693 section 2.2.2 and RFC 9449 sections 5 and 8, and token_inactive,
// with which Hydra 1.x answers the reuse of a refresh token.
var errorNames = []string{
	"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope",
	"unsupported_token_type", "authorization_pending", "slow_down", "access_denied", "expired_token", "invalid_target",
	"invalid_dpop_proof", "use_dpop_nonce", "invalid_token", "server_error", "temporarily_unavailable", "token_inactive",
}

// knownError is name when it is one of errorNames, else "": cases are counted by name,
// and a server could invent any number of them.
func knownError(name string) string {
	if slices.Contains(errorNames, name) {
		return name
	}
	return ""
}

// wrong is an answer that must not have been given.
func wrong(what string) bench.Answer { return bench.Answer{Outcome: bench.Invalid, Case: what} }
