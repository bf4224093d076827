// Package scenarios is the catalogue of OAuth workloads. A scenario knows which
// requests to send and which answers the specifications allow; it knows nothing of
// rates, schedules, or how its server was started.
//
// Everything a trial needs is made before its clock starts: tokens are minted,
// assertions signed, bodies encoded. On the clock there is only the request.
package scenarios

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"oauthbench/internal/oauth"
)

// Scenario is one kind of traffic.
type Scenario struct {
	Name    string
	Summary string
	Source  string // the specification that its checks are from
	// Operations are what its arrivals are samples of, each in a share of them.
	Operations []Operation
	// Needs are what a server must be able to do.
	Needs []oauth.Capability
	// Parameters are the plan keys that it heeds.
	Parameters []string
	Checks     []string // what is found out about answers, for people
	// Open registers what the scenario needs on one deployment.
	Open func(ctx context.Context, t Target) (Source, error)
}

// Operation is one of the requests that a scenario sends. Shares add up to 1.
type Operation struct {
	Name  string
	Share float64
}

// All are the scenarios there are, in the order of help.
var All = []Scenario{
	token, introspect, revoke,
	refresh, refreshRetry,
	authcode, device, jwtBearer, exchange,
	userinfo, jwks, discovery,
}

// only is the operation of a scenario that has but one.
func only(name string) []Operation { return []Operation{{name, 1}} }

// Unfit tells why a server with these capabilities cannot be asked for the scenario
// with these parameters; "" when it can.
func (s Scenario) Unfit(can oauth.Capabilities, p Parameters) string {
	needs := slices.Clone(s.Needs)
	if p.ClientAuth != "" && p.ClientAuth != oauth.AuthBasic && slices.Contains(s.Parameters, ClientAuthKey) {
		needs = append(needs, oauth.Capability(p.ClientAuth))
	}
	if p.DPoP && slices.Contains(s.Parameters, DPoPKey) {
		needs = append(needs, oauth.HasDPoP)
	}
	var missing []string
	if p.ClientAuth == oauth.AuthNone && slices.Contains(s.Parameters, ClientAuthKey) &&
		slices.Contains(s.Needs, oauth.GrantClientCredentials) {
		missing = append(missing, "no client_credentials grant for clients that prove nothing (RFC 6749 section 4.4)")
	}
	for _, c := range can.Missing(needs...) {
		why := can.OutOfReach(c)
		if why == "" {
			why = "no " + c.Title()
		}
		missing = append(missing, why)
	}
	return strings.Join(missing, "; ")
}

// Find returns the scenarios with these names, in the order of names. Its error
// names the first unknown one and lists those that exist.
func Find(names []string) ([]Scenario, error) {
	var found []Scenario
	for _, name := range names {
		i := slices.IndexFunc(All, func(s Scenario) bool { return s.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("unknown scenario %q: there are %s", name, strings.Join(Names(), ", "))
		}
		if slices.ContainsFunc(found, func(s Scenario) bool { return s.Name == name }) {
			return nil, fmt.Errorf("scenario %q is named twice", name)
		}
		found = append(found, All[i])
	}
	if len(found) == 0 {
		return nil, errors.New("no scenario is named")
	}
	return found, nil
}

// Names lists all scenarios by name.
func Names() []string {
	names := make([]string, len(All))
	for i, s := range All {
		names[i] = s.Name
	}
	return names
}

// Fact is a count or a lag that a trial carries beside its measurements.
type Fact struct{ Name, Summary string }

// Facts are all there are.
var Facts = []Fact{
	{FactMalformedAsked, "malformed tokens that introspection was asked about before the load"},
	{FactMalformedInactive, "those that it called inactive; what it refuses with an error is noted"},
	{FactNearMissesAsked, "near misses of live tokens that introspection was asked about after a trial"},
	{FactNearMissesInactive, "those that it called inactive"},
	{FactRefusalsAsked, "requests with a wrong secret, with none, or for another client's token, beside the trial; " +
		"every scenario has them"},
	{FactRefusals, "those of them that were refused; one that is accepted is a flaw of the server, " +
		"and decides as a wrong answer does"},
	{FactIssued, "tokens that were issued under load"},
	{FactIntrospected, "those of them that were introspected after the trial"},
	{FactJWTs, "those of them that were JWTs, of which the signatures of the first 50,000 are checked"},
	{FactJWTsVerified, "those of them that a published key had signed"},
	{FactRetries, "grants whose refresh token was sent twice and that were refreshed once more after the trial, at " +
		"most 200 a trial"},
	{FactChainsKilled, "those of them that could then not be refreshed any more; the server's grace is in " +
		"its settings"},
	{FactWatched, "revoked tokens that the oracle watched until they were inactive"},
	{FactSkipped, "revoked tokens that it should have watched, but it had its hands full"},
	{FactUnanswered, "questions of the oracle that got no answer; their tokens are in no lag"},
	{FactRevived, "revoked tokens that were active again after they had been inactive; each is an Invalid answer"},
	{FactLate, "revoked tokens that were still active when the trial ended, and inactive at most 5 s later"},
	{LagRevocation, "a histogram: from the last byte of the answer to a revocation to when the question was sent " +
		"that was answered with inactive"},
}
