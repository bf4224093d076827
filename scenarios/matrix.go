package scenarios

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// answer is what a server can say, as far as a specification tells answers apart.
type answer uint8

const (
	answerTokens             answer = iota // tokens
	answerActive                           // introspection: active
	answerInactive                         // introspection: not active
	answerAccepted                         // status 200, whatever the body
	answerRedirected                       // to a page for the user
	answerPage                             // the page itself, with a form
	answerSentBack                         // to the client, with a code
	answerCodes                            // device and user code
	answerClaims                           // of the user
	answerKeys                             // public keys
	answerMetadata                         // of the server
	answerBadGrant                         // 400 invalid_grant
	answerPending                          // 400 authorization_pending
	answerSlowDown                         // 400 slow_down
	answerUnauthorizedClient               // 400 unauthorized_client
	answerBadClient                        // 401, or 403
	answerOAuthError                       // 4xx with an error code, whatever it is
	answerUnforeseen                       // anything else
)

var answerWords = [...]string{
	answerTokens: "tokens", answerActive: "active", answerInactive: "inactive", answerAccepted: "200",
	answerRedirected: "redirection", answerPage: "page with a form", answerSentBack: "redirection with a code",
	answerCodes:  "codes",
	answerClaims: "claims with sub", answerKeys: "public keys", answerMetadata: "metadata with issuer",
	answerBadGrant: "400 invalid_grant",
	answerPending:  "400 authorization_pending", answerSlowDown: "400 slow_down",
	answerUnauthorizedClient: "400 unauthorized_client", answerBadClient: "401 or 403",
	answerOAuthError: "any OAuth error",
}

// Kinds of what is presented.
const (
	kindAccessToken  = "access token"
	kindRefreshToken = "refresh token"
	kindCredential   = "client credential"
	kindBrowser      = "browser"
	kindCode         = "authorization code"
	kindDeviceCode   = "device code"
	kindAssertion    = "assertion"
	kindNothing      = "nothing"
)

// States that it is in.
const (
	stateActive      = "active"
	stateRevoked     = "revoked"
	stateExpired     = "expired"
	stateUnknown     = "unknown"
	stateMalformed   = "malformed"
	stateTampered    = "tampered"
	stateReused      = "reused"
	stateFresh       = "fresh"
	statePending     = "pending"
	stateApproved    = "approved"
	stateWrongClient = "wrong-client"
)

// law is one case of the matrix: the answers that a specification allows.
type law struct {
	operation, kind, state string
	allows                 []answer
	source                 string
}

// rule is a case as one server is asked it.
type rule struct {
	law
	ownErrors []string // see OwnErrors
}

// rules are the expectation matrix. Every arrival of every scenario is one of its
// cases; an answer that its case does not allow is Rejected or Invalid.
var rules = []law{
	{"token", kindCredential, stateActive, []answer{answerTokens}, "RFC 6749 section 4.4.3"},
	{"introspect", kindAccessToken, stateActive, []answer{answerActive}, "RFC 7662 section 2.2"},
	{"introspect", kindAccessToken, stateRevoked, []answer{answerInactive}, "RFC 7009 section 2, RFC 7662 section 2.2"},
	{"introspect", kindAccessToken, stateExpired, []answer{answerInactive}, "RFC 7662 section 4"},
	{"introspect", kindAccessToken, stateUnknown, []answer{answerInactive}, "RFC 7662 section 2.2"},
	{"introspect", kindAccessToken, stateMalformed, []answer{answerInactive}, "RFC 7662 section 2.2"},
	{"introspect", kindAccessToken, stateTampered, []answer{answerInactive}, "RFC 7662 sections 2.2 and 4"},
	{"introspect", kindAccessToken, stateWrongClient, []answer{answerActive, answerInactive, answerBadClient},
		"RFC 7662 sections 2.2 and 2.3"},
	{"introspect", kindRefreshToken, stateActive, []answer{answerActive}, "RFC 7662 section 2.1"},
	{"revoke", kindAccessToken, stateActive, []answer{answerAccepted}, "RFC 7009 section 2.2"},
	{"revoke", kindRefreshToken, stateActive, []answer{answerAccepted}, "RFC 7009 section 2.2"},
	// The token must stay active. Servers that say 200 treat it as one that they do not
	// know, so that nobody learns whether it exists.
	{"revoke", kindAccessToken, stateWrongClient, []answer{answerAccepted, answerBadClient, answerOAuthError},
		"RFC 7009 sections 2.1 and 2.2"},
	{"refresh", kindRefreshToken, stateActive, []answer{answerTokens}, "RFC 6749 section 6"},
	// A server may forgive a retry or see a thief in it. A slow one may see the retry
	// first: then the refusal is the other's.
	{"refresh-first", kindRefreshToken, stateActive, []answer{answerTokens, answerBadGrant}, "RFC 6749 section 6"},
	{"refresh-retry", kindRefreshToken, stateReused, []answer{answerTokens, answerBadGrant},
		"RFC 6749 section 5.2, RFC 9700 section 4.14.2"},
	{"authorize", kindBrowser, stateFresh, []answer{answerRedirected, answerPage},
		"RFC 6749 section 4.1.1, RFC 7636 section 4.3"},
	{"login", kindBrowser, stateApproved, []answer{answerRedirected}, "OpenID Connect Core 1.0 section 3.1.2.4"},
	{"signin", kindBrowser, stateFresh, []answer{answerSentBack}, "OpenID Connect Core 1.0 section 3.1.2.3"},
	{"code", kindCode, stateFresh, []answer{answerTokens}, "RFC 6749 section 4.1.4, RFC 7636 section 4.6"},
	{"device", kindNothing, stateFresh, []answer{answerCodes}, "RFC 8628 section 3.2"},
	{"device-poll", kindDeviceCode, statePending, []answer{answerPending, answerSlowDown}, "RFC 8628 section 3.5"},
	{"device-poll", kindDeviceCode, stateApproved, []answer{answerTokens},
		"RFC 8628 section 3.5, RFC 6749 section 5.1"},
	{"jwt-bearer", kindAssertion, stateFresh, []answer{answerTokens}, "RFC 7523 section 2.1, RFC 6749 section 5.1"},
	{"exchange", kindAccessToken, stateActive, []answer{answerTokens}, "RFC 8693 section 2.2.1"},
	{"userinfo", kindAccessToken, stateActive, []answer{answerClaims}, "OpenID Connect Core 1.0 section 5.3.2"},
	{"jwks", kindNothing, stateFresh, []answer{answerKeys}, "RFC 7517 section 5"},
	{"discovery", kindNothing, stateFresh, []answer{answerMetadata}, "RFC 8414 section 3.2"},
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
	i := slices.IndexFunc(rules, func(r law) bool {
		return r.operation == operation && r.kind == kind && r.state == state
	})
	if i < 0 {
		panic(fmt.Sprintf("the matrix has no %s %s for %s", state, kind, operation))
	}
	return &rule{law: rules[i]}
}

// at is the case as it is asked of a server, whose own errors are counted by their names.
func (r *rule) at(s any) *rule {
	speaker, ok := s.(OwnErrors)
	if !ok {
		return r
	}
	return &rule{r.law, speaker.OwnErrors()}
}

func (r law) expectation() bench.Expectation {
	var words []string
	for _, a := range r.allows {
		words = append(words, answerWords[a])
	}
	return bench.Expectation{Operation: r.operation, Kind: r.kind, State: r.state,
		Expected: strings.Join(words, " or "), Source: r.source}
}

func (r law) allow(a answer) bool { return slices.Contains(r.allows, a) }

// refusal judges an answer that is not a success.
func (r *rule) refusal(got *vegeta.Result) bench.Answer {
	name := knownError(oauth.ParseError(got.Body), r.ownErrors...)
	if r.allow(refusalOf(got.Code, name)) || r.allow(answerOAuthError) && got.Code/100 == 4 &&
		oauth.ParseError(got.Body) != "" {
		return bench.Answer{}
	}
	return bench.Answer{Outcome: bench.Rejected, Case: strings.TrimSpace(fmt.Sprintf("status %d %s", got.Code, name))}
}

func refusalOf(status uint16, name string) answer {
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return answerBadClient
	case status != http.StatusBadRequest:
		return answerUnforeseen
	case name == "invalid_grant":
		return answerBadGrant
	case name == "authorization_pending":
		return answerPending
	case name == "slow_down":
		return answerSlowDown
	case name == "unauthorized_client":
		return answerUnauthorizedClient
	default:
		return answerUnforeseen
	}
}

// errorNames are the errors of RFC 6749 section 5.2, RFC 7009 section 2.2.1, RFC 8628
// section 3.5, RFC 8693 section 2.2.2 and RFC 9449 sections 5 and 8.
var errorNames = []string{
	"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type",
	"invalid_scope",
	"unsupported_token_type", "authorization_pending", "slow_down", "access_denied", "expired_token", "invalid_target",
	"invalid_dpop_proof", "use_dpop_nonce", "invalid_token", "server_error", "temporarily_unavailable",
}

// knownError is name when it is one of errorNames or of own, else "": cases are counted by name,
// and a server could invent any number of them.
func knownError(name string, own ...string) string {
	if slices.Contains(errorNames, name) || slices.Contains(own, name) {
		return name
	}
	return ""
}

// wrong is an answer that must not have been given.
func wrong(what string) bench.Answer { return bench.Answer{Outcome: bench.Invalid, Case: what} }

// introspectState is what a token is, and so what introspection must say of it.
type introspectState struct {
	name   string  // The plan calls it so.
	kind   string  // The matrix calls it so.
	state  string  // The matrix calls it so.
	weight float64 // unless the plan says otherwise
	count  int     // different tokens
}

// introspectStates are all there are. The first stands in for those that a server cannot
// have. wrong-client is asked with the secret of a client that the token was not
// issued to: it makes the server hash, so it is left out unless it is asked for.
var introspectStates = []introspectState{
	{stateActive, kindAccessToken, stateActive, 70, 100},
	{stateRevoked, kindAccessToken, stateRevoked, 10, 25},
	{stateExpired, kindAccessToken, stateExpired, 10, 25},
	{stateUnknown, kindAccessToken, stateUnknown, 5, 25},
	{stateMalformed, kindAccessToken, stateMalformed, 3, 0},
	{"refresh", kindRefreshToken, stateActive, 2, 25},
	{stateWrongClient, kindAccessToken, stateWrongClient, 0, 25},
	{stateTampered, kindAccessToken, stateTampered, 3, 0},
}

func stateNames() []string {
	var names []string
	for _, s := range introspectStates {
		names = append(names, s.name)
	}
	return names
}

// OwnErrors is a Server that says which error names of its own invention it has, beside
// those of the specifications: what is refused with one is counted by that name.
type OwnErrors interface {
	OwnErrors() []string
}

// The checks that ask beside the load.
const (
	checkAuthentication = "authentication"
	checkNearMisses     = "near misses of tokens"
	checkMalformed      = "malformed tokens"
	checkKeySet         = "published keys"
	checkRevokedAgain   = "second revocations"
)

// Beside are the checks that ask beside the load, by the names that reports have for them.
var Beside = []Check{
	{checkAuthentication, "one particular wrong secret that is taken; rules that depend on address or load; " +
		"certificates, and clients without a secret; at a server that runs already, all but its one " +
		"client, once a run"},
	{checkNearMisses, "other near misses; changed claims, where the signature is checked"},
	{checkMalformed, "malformed tokens other than the twelve"},
	{checkKeySet, "private keys under members that no specification names; keys that are published elsewhere"},
	{checkRevokedAgain, "what other requests do to a revoked token: it is revoked again, three of a trial, and the " +
		"client of one gets a new token"},
	{bench.BeforeTrials, "whatever the load of the trials alone brings about"},
}

// caseWrongClient is a token that died, though a client asked for it that it was not issued to.
const caseWrongClient = "token revoked by the wrong client"
