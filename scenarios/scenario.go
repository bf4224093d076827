package scenarios

import (
	"context"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/internal/oauth"
	"github.com/oauthbench/oauthbench/scenarios/notebook"
)

// Check is one thing that is found out about answers, for people.
type Check struct {
	What  string
	Blind string // what it cannot see
}

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
	Checks     []Check // what is found out about answers, for people
	// Held says that each arrival has a request of its own, whatever the parameters.
	Held bool
	// Ahead says that requests which are good for one arrival are made while the load runs.
	Ahead bool
	// Open registers what the scenario needs on one deployment.
	Open func(ctx context.Context, t Target) (Source, error)
}

// Holds tells whether the scenario makes a request for each arrival before a trial, with these
// parameters, and holds it. Others draw them as arrivals come, of a few that they have.
func (s Scenario) Holds(p Parameters) bool {
	signed := slices.Contains(s.Parameters, ClientAuthKey) && (oauth.Credential{Method: p.ClientAuth}).Single() ||
		slices.Contains(s.Parameters, DPoPKey) && p.DPoP
	return s.Held || signed && !s.Ahead
}

// Operation is one of the requests that a scenario sends. Shares add up to 1.
type Operation struct {
	Name  string
	Share float64
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

// Source makes the requests of one scenario on one deployment.
type Source interface {
	// Prepare makes the requests of one trial. The workload's arrivals are numbered
	// from 0 to ask.Count-1.
	Prepare(ctx context.Context, ask Ask) (generator.Workload, error)
	// Notes tells what this deployment could not be asked, for the report.
	Notes() []string
}

// Ask is what a trial needs.
type Ask struct {
	Count  int
	Seed   uint64        // the same seed asks for the same sequence of requests
	Length time.Duration // of the trial; tokens must live longer
	// Starts are the intended starts of the arrivals, ascending; nil in a closed loop,
	// where InFlight requests are always under way.
	Starts []time.Duration
	// due is the same of any one arrival, also of those whose requests are not held.
	due      func(i int) time.Duration
	InFlight int
	Timeout  time.Duration // One request may take so long.

	book  *notebook.Book // It belongs to the deployment.
	guest bool           // it is not ours
	// stocks says that revocations are part of the run, for which tokens are kept.
	stocks bool
	// issues is how many tokens the load itself asks for: the most that it takes from the stock
	// of the load before, which may have been longer on one deployment than on another.
	issues int
}

// span is from a trial's beginning to when its last answer may come: until then a right
// server must find good what was prepared.
func (a Ask) span() time.Duration { return a.Length + a.Timeout }

// at is about when arrival i is sent, for what must be dated beforehand.
func (a Ask) at(i int) time.Time {
	if i < len(a.Starts) {
		return time.Now().Add(a.Starts[i])
	}
	return time.Now()
}

// within is how many arrivals are due within a time, from the first on.
func (a Ask) within(d time.Duration) int {
	if a.due == nil {
		return a.Count
	}
	return sort.Search(a.Count, func(i int) bool { return a.due(i) > d })
}

// Setting is the value of one parameter, by the name of its plan key.
type Setting struct{ Key, Value string }

// Settings are all parameters that any of the scenarios heeds, as a plan has them, in a
// fixed order. They are part of the fingerprint of a run.
func (p Parameters) Settings(chosen []Scenario) []Setting {
	return slices.DeleteFunc(p.all(), func(s Setting) bool { return !s.heeded(chosen) })
}

func (s Setting) heeded(chosen []Scenario) bool {
	return slices.ContainsFunc(chosen, func(c Scenario) bool { return slices.Contains(c.Parameters, s.Key) })
}

// all are the parameters in a fixed order.
func (p Parameters) all() []Setting {
	auth := p.ClientAuth
	if p.SigningAlg != "" {
		auth += ":" + p.SigningAlg
	}
	number := func(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }
	return []Setting{
		{ClientAuthKey, auth}, {DPoPKey, strconv.FormatBool(p.DPoP)}, {ScopeKey, p.Scope}, {AudienceKey, p.Audience},
		{ClientsKey, strconv.Itoa(p.Clients)}, {SubjectsKey, strconv.Itoa(p.Subjects)},
		{ChainLengthKey, strconv.Itoa(p.ChainLength)}, {RetryGapKey, p.RetryGap.String()},
		{OracleShareKey, number(p.OracleShare)}, {RefreshShareKey, number(p.RefreshShare)},
		{ForeignShareKey, number(p.ForeignShare)}, {StatesKey, Weights(p.States)},
	}
}

// needs tells which scenarios need a capability.
func needs(c oauth.Capability) func(Scenario) bool {
	return func(s Scenario) bool { return slices.Contains(s.Needs, c) }
}
