// Package scenarios is the catalogue of OAuth workloads. A scenario knows which
// requests to send and which answers the specifications allow; it knows nothing of
// rates, schedules, or how its server was started.
//
// Everything a trial needs is made before its clock starts: tokens are minted,
// assertions signed, bodies encoded. On the clock there is only the request.
package scenarios

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/oauthbench/oauthbench/internal/nearest"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// All are the scenarios there are, in the order of help.
var All = []Scenario{
	token, introspect, revoke,
	refresh, refreshRetry,
	authcode, login, signin, device, jwtBearer, exchange,
	userinfo, jwks, discovery,
}

// Find returns the scenarios with these names, in the order of names. Its error
// names the first unknown one and lists those that exist.
func Find(names []string) ([]Scenario, error) {
	var found []Scenario
	for _, name := range names {
		i := slices.IndexFunc(All, func(s Scenario) bool { return s.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("unknown scenario %q: %s", name, nearest.Cure(name, Names()))
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

// NeedsOf is all that these scenarios need of a server.
func NeedsOf(chosen []Scenario) (all []oauth.Capability) {
	for _, s := range chosen {
		all = append(all, s.Needs...)
	}
	return all
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
	{FactSkipped, "revoked tokens that it should have watched, but it already followed the maximum of 16"},
	{FactUnanswered, "questions of the oracle that got no answer; their tokens are in no lag"},
	{FactRevived, "revoked tokens that were active again after they had been inactive; each is an Invalid answer"},
	{FactLate, "revoked tokens that were still active when the trial ended, and inactive at most 5 s later"},
	{FactRevokedAgain, "revoked tokens that were revoked a second time after a trial"},
	{FactStillInactive, "those of them that were inactive after that"},
	{LagRevocation, "a histogram: from the last byte of the answer to a revocation to when the question was sent " +
		"that was answered with inactive"},
}

// Mix is a shape of traffic: how much of it is of each scenario.
type Mix struct {
	Name    string
	Summary string
	Source  string // where the shape is from
	Weights map[string]float64
}

// Mixes are the shapes that have a name, the default first.
var Mixes = []Mix{
	{
		Name:    "resource-server",
		Summary: "opaque tokens, each looked up by the services it is sent to",
		Source: "no published measurement: a typical shape, in which a token is introspected several times before " +
			"it is renewed",
		Weights: map[string]float64{"introspect": 80, "token": 12, "refresh": 6, "revoke": 2},
	},
	{
		Name:    "keycloak-sizing",
		Summary: "people who log in and out, their refreshes, and as many machines",
		// 45 logins and logouts, 360 client credentials grants and 360 refreshes a second. A
		// login is two requests here, the authorization request and the exchange of the code.
		Source:  "Keycloak, High availability guide, Concepts for sizing CPU and memory resources, calculation example",
		Weights: map[string]float64{"authcode": 90, "token": 360, "refresh": 360, "revoke": 45},
	},
}

// Mixed is the name by which the default mix can be asked for as if it were a scenario.
const Mixed = "mixed"

// ParseMix reads the name of one of Mixes, or weights by scenario such as
// introspect=80 and token=20.
func ParseMix(values []string) (map[string]float64, error) {
	if len(values) == 1 && !strings.Contains(values[0], "=") {
		var names []string
		for _, m := range Mixes {
			if m.Name == values[0] {
				return maps.Clone(m.Weights), nil
			}
			names = append(names, m.Name)
		}
		return nil, fmt.Errorf("unknown mix %q: %s, and weights such as introspect=80,token=20", values[0],
			nearest.Cure(values[0], names))
	}
	weights, err := ParseWeights(values)
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(weights, func(_ string, w float64) bool { return w == 0 })
	_, err = Find(slices.Sorted(maps.Keys(weights)))
	return weights, err
}

// Operations are the names of all operations of some scenarios, in order.
func Operations(names []string) []string {
	var all []string
	for _, name := range names {
		for _, s := range All {
			if s.Name != name {
				continue
			}
			for _, o := range s.Operations {
				all = append(all, o.Name)
			}
		}
	}
	return all
}

// Share is an operation's share of a scenario's arrivals; 0 when it has none.
func Share(scenario, operation string) float64 {
	for _, s := range All {
		for _, o := range s.Operations {
			if s.Name == scenario && o.Name == operation {
				return o.Share
			}
		}
	}
	return 0
}

// LeastShare is the share of a scenario's arrivals that its rarest operation has.
func LeastShare(name string) float64 {
	least := 1.0
	for _, s := range All {
		if s.Name == name {
			for _, o := range s.Operations {
				least = min(least, o.Share)
			}
		}
	}
	return least
}

// Idle is an error when a parameter of certain scenarios alone was changed, and none of them is chosen:
// what it asks for would not be done.
func (p Parameters) Idle(chosen []Scenario) error {
	usual := Defaults().all()
	for i, s := range p.all() {
		if s == usual[i] || s.heeded(chosen) || slices.Contains(ofClients, s.Key) {
			continue
		}
		var heeding []string
		for _, c := range All {
			if slices.Contains(c.Parameters, s.Key) {
				heeding = append(heeding, c.Name)
			}
		}
		return fmt.Errorf("%s is for %s: no scenario of this run heeds it", s.Key, strings.Join(heeding, ", "))
	}
	return nil
}

// ofClients are parameters of the clients, which are registered and get tokens in any scenario.
var ofClients = []string{ClientAuthKey, DPoPKey, ScopeKey, AudienceKey, ClientsKey}
