package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/scenarios"
)

// requestKeys change what is sent, not how often.
var requestKeys = []Key{
	{
		Name: scenarios.ClientAuthKey, Group: Requests, Value: "METHOD", Commands: all,
		Choices: scenarios.ClientAuthMethods,
		Usage:   "how clients prove who they are",
		access: parameter(scenarios.ClientAuthKey,
			one(func(p *Plan, v string) error { return p.Parameters.SetClientAuth(v) })),
	},
	{
		Name: scenarios.DPoPKey, Group: Requests, Commands: all,
		Usage: "bind tokens to a key, with a proof in each request (RFC 9449)",
		access: parameter(scenarios.DPoPKey,
			one(func(p *Plan, v string) (err error) { p.Parameters.DPoP, err = yesNo(v); return err })),
	},
	{
		Name: scenarios.ScopeKey, Group: Requests, Value: "SCOPES", Commands: all,
		Usage: "scope to request for tokens, separated by spaces",
		access: parameter(scenarios.ScopeKey, one(func(p *Plan, v string) error {
			p.Parameters.Scope = strings.Join(strings.Fields(v), " ")
			return nil
		})),
	},
	{
		Name: scenarios.AudienceKey, Group: Requests, Value: "AUDIENCE", Commands: all,
		Usage: "audience to request for tokens",
		access: parameter(scenarios.AudienceKey,
			one(func(p *Plan, v string) error { p.Parameters.Audience = v; return nil })),
	},
	{
		Name: scenarios.ClientsKey, Group: Requests, Value: "NUMBER", Commands: all,
		Usage: "how many different clients each scenario has",
		access: parameter(scenarios.ClientsKey,
			count(func(p *Plan) *int { return &p.Parameters.Clients }, 100_000).set),
	},
	{
		Name: scenarios.SubjectsKey, Group: Requests, Value: "NUMBER", Commands: all,
		Usage: "how many different users there are",
		access: parameter(scenarios.SubjectsKey,
			count(func(p *Plan) *int { return &p.Parameters.Subjects }, 1_000_000).set),
	},
	{
		Name: scenarios.ChainLengthKey, Group: Requests, Value: "NUMBER", Commands: all,
		Usage: "how often one grant is refreshed before a new one is taken",
		access: parameter(scenarios.ChainLengthKey,
			count(func(p *Plan) *int { return &p.Parameters.ChainLength }, 1_000_000).set),
	},
	{
		Name: scenarios.RetryGapKey, Group: Requests, Value: "DURATION", Commands: all,
		Usage: "least time between a refresh and its retry",
		access: parameter(scenarios.RetryGapKey,
			span(func(p *Plan) *time.Duration { return &p.Parameters.RetryGap }, 0, time.Hour, nil).set),
	},
	{
		Name: scenarios.RefreshShareKey, Group: Requests, Value: "SHARE", Commands: all,
		Usage: "part of the revoked tokens that are refresh tokens, 0 to 1",
		access: parameter(scenarios.RefreshShareKey,
			share(func(p *Plan) *float64 { return &p.Parameters.RefreshShare })),
	},
	{
		Name: scenarios.ForeignShareKey, Group: Requests, Value: "SHARE", Commands: all,
		Usage: "part of the revocations sent by a client that does not own the token",
		access: parameter(scenarios.ForeignShareKey,
			share(func(p *Plan) *float64 { return &p.Parameters.ForeignShare })),
	},
	{
		Name: scenarios.OracleShareKey, Group: Requests, Value: "SHARE", Commands: all,
		Usage:  "part of the revoked tokens watched until they are inactive",
		Detail: "It is a number from 0 to 1. No token is watched when max-workers is 1.",
		access: parameter(scenarios.OracleShareKey,
			share(func(p *Plan) *float64 { return &p.Parameters.OracleShare })),
	},
	{
		Name: scenarios.StatesKey, Group: Requests, Value: "WEIGHTS", Commands: all, Repeat: true,
		Usage: "weights of what is introspected, such as active=70,revoked=30",
		access: parameter(scenarios.StatesKey,
			func(p *Plan, values []string) error { return p.Parameters.SetStates(values) }),
	},
	{
		Name: scenarios.ProbeAuthenticationKey, Group: Requests, Value: "YESNO", Commands: all,
		Choices: []string{"true", "false"},
		Usage:   "check after each trial that wrong credentials are refused",
		Detail: "A wrong secret, none, and another client's token are shown at each endpoint. " +
			"A server that runs already is asked once a run, for it may lock accounts out.",
		access: access{
			set: one(func(p *Plan, v string) error {
				probe, err := yesNo(v)
				p.Parameters.TrustAuthentication = !probe
				return err
			}),
			get: func(p *Plan) []string {
				if p.Parameters.TrustAuthentication {
					return []string{"false"}
				}
				return nil
			},
		},
	},
	{
		Name: "prepare-rate", Group: Requests, Value: "NUMBER", Commands: all,
		Usage: "most requests per second before and after a trial; 0 for no limit",
		Detail: "A server that runs already is prepared at four times the load's rate unless this says otherwise, " +
			"and waited for when it answers 429 or 503 with Retry-After.",
		access: access{
			set: one(func(p *Plan, v string) error {
				n, err := strconv.ParseFloat(v, 64)
				if err != nil || !(n == 0 || n >= leastPrepareRate && n <= 1e6) {
					return fmt.Errorf("%q: want a number from %v to 1000000, or 0 for no limit", v, leastPrepareRate)
				}
				p.Parameters.PrepareRate = n
				return nil
			}),
			get: func(p *Plan) []string {
				if p.Parameters.PrepareRate == scenarios.Defaults().PrepareRate {
					return nil
				}
				return []string{strconv.FormatFloat(p.Parameters.PrepareRate, 'g', -1, 64)}
			},
		},
	},
}

// leastPrepareRate is the least that prepare-rate may be, in requests per second: with less no trial
// would ever begin.
const leastPrepareRate = 0.1

// parameter is a setting of the requests; a value that is the default is not recorded.
func parameter(key string, set func(p *Plan, values []string) error) access {
	return access{set: set, get: func(p *Plan) []string {
		value := parameterValue(p.Parameters, key)
		if value == parameterValue(scenarios.Defaults(), key) {
			return nil
		}
		return []string{value}
	}}
}

// parameterValue is one parameter as a plan has it.
func parameterValue(parameters scenarios.Parameters, key string) string {
	settings := parameters.Settings(scenarios.All)
	i := slices.IndexFunc(settings, func(s scenarios.Setting) bool { return s.Key == key })
	if i < 0 {
		return ""
	}
	return settings[i].Value
}
