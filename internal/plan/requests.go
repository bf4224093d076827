package plan

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"oauthbench/scenarios"
)

// requestKeys are the keys that change what is sent, not how often.
var requestKeys = []Key{
	{Name: scenarios.ClientAuthKey, Usage: "client authentication: " + strings.Join(scenarios.ClientAuthMethods, ", "), Commands: all, Choices: scenarios.ClientAuthMethods,
		set: one(func(p *Plan, v string) error { return p.Parameters.SetClientAuth(v) })},
	{Name: scenarios.DPoPKey, Usage: "bind tokens to a key, with a proof in each request (RFC 9449)", Commands: all, Switch: true,
		set: one(func(p *Plan, v string) (err error) { p.Parameters.DPoP, err = strconv.ParseBool(v); return err })},
	{Name: scenarios.ScopeKey, Usage: "that tokens are asked for, separated by spaces", Commands: all,
		set: one(func(p *Plan, v string) error { p.Parameters.Scope = strings.Join(strings.Fields(v), " "); return nil })},
	{Name: scenarios.AudienceKey, Usage: "that tokens are asked for", Commands: all,
		set: one(func(p *Plan, v string) error { p.Parameters.Audience = v; return nil })},
	{Name: scenarios.ClientsKey, Usage: "how many different clients each scenario has", Commands: all,
		set: count(func(p *Plan) *int { return &p.Parameters.Clients }, 100_000)},
	{Name: scenarios.SubjectsKey, Usage: "how many different users there are", Commands: all,
		set: count(func(p *Plan) *int { return &p.Parameters.Subjects }, 1_000_000)},
	{Name: scenarios.ChainLengthKey, Usage: "how often one grant is refreshed before a new one is taken", Commands: all,
		set: count(func(p *Plan) *int { return &p.Parameters.ChainLength }, 1_000_000)},
	{Name: scenarios.RetryGapKey, Usage: "least time between a refresh and its retry, such as 100ms", Commands: all,
		set: duration(func(p *Plan) *time.Duration { return &p.Parameters.RetryGap }, 0, time.Hour)},
	{Name: scenarios.RefreshShareKey, Usage: "share of refresh tokens among the revoked ones, 0 to 1", Commands: all,
		set: share(func(p *Plan) *float64 { return &p.Parameters.RefreshShare })},
	{Name: scenarios.ForeignShareKey, Usage: "share of revocations that a client asks for which the token was not issued to, 0 to 1", Commands: all,
		set: share(func(p *Plan) *float64 { return &p.Parameters.ForeignShare })},
	{Name: scenarios.OracleShareKey, Usage: "share of the revoked tokens that are watched until they are inactive, 0 to 1; none when max-workers is 1", Commands: all,
		set: share(func(p *Plan) *float64 { return &p.Parameters.OracleShare })},
	{Name: scenarios.StatesKey, Usage: "weights of what is introspected, such as active=70,revoked=30", Commands: all, Repeat: true,
		set: func(p *Plan, values []string) error { return p.Parameters.SetStates(values) }},
	{Name: "prepare-rate", Usage: "most requests per second before and after a trial; 0 for no limit", Commands: all,
		set: one(func(p *Plan, v string) error {
			n, err := strconv.ParseFloat(v, 64)
			if err != nil || !(n >= 0 && n <= 1e6) {
				return fmt.Errorf("%q: want a number from 0 to 1000000", v)
			}
			p.Parameters.PrepareRate = n
			return nil
		})},
}

func count(field func(*Plan) *int, most int) func(*Plan, []string) error {
	return one(func(p *Plan, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > most {
			return fmt.Errorf("%q: want a whole number from 1 to %d", v, most)
		}
		*field(p) = n
		return nil
	})
}

func share(field func(*Plan) *float64) func(*Plan, []string) error {
	return one(func(p *Plan, v string) error {
		n, err := strconv.ParseFloat(v, 64)
		if err != nil || math.IsNaN(n) || n < 0 || n > 1 {
			return fmt.Errorf("%q: want a share from 0 to 1", v)
		}
		*field(p) = n
		return nil
	})
}

// setMix makes one schedule of several scenarios by weight; the common rate is then
// that of all together.
func setMix(p *Plan, values []string) error {
	weights, err := scenarios.ParseMix(values)
	if err == nil {
		p.Mix, p.Scenarios = weights, slices.Sorted(maps.Keys(weights))
	}
	return err
}

// checkMix finds what contradicts a mix.
func (p Plan) checkMix() error {
	if p.Mix == nil {
		return nil
	}
	for name := range p.Rates {
		if name != "" {
			return fmt.Errorf("rate of %s: with a mix there is one rate, that of all scenarios together", name)
		}
	}
	if p.Isolate {
		return errors.New("isolate runs scenarios one after another, a mix all at once: give one of the two")
	}
	return nil
}

// Part is a scenario's part of the common rate: all of it, unless there is a mix.
func (p Plan) Part(scenario string) float64 {
	if p.Mix == nil {
		return 1
	}
	sum := 0.0
	for _, w := range p.Mix {
		sum += w
	}
	return p.Mix[scenario] / sum
}

func mixNames() []string {
	var names []string
	for _, m := range scenarios.Mixes {
		names = append(names, m.Name)
	}
	return names
}

// requestFlags write the parameters that differ from what they are unless told. DPoP
// has no value: the caller adds its flag.
func (p Plan) requestFlags(add func(name, value string)) (dpop bool) {
	unset := map[string]string{}
	for _, s := range scenarios.Defaults().Settings(scenarios.All) {
		unset[s.Key] = s.Value
	}
	for _, s := range p.Parameters.Settings(scenarios.All) {
		switch {
		case s.Value == unset[s.Key]:
		case s.Key == scenarios.DPoPKey:
			dpop = true
		default:
			add(s.Key, s.Value)
		}
	}
	if p.Parameters.PrepareRate != scenarios.Defaults().PrepareRate {
		add("prepare-rate", strconv.FormatFloat(p.Parameters.PrepareRate, 'g', -1, 64))
	}
	return dpop
}
