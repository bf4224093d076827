package varied

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/oauthbench/oauthbench/bench/grid"
	"github.com/oauthbench/oauthbench/containers"
	"github.com/oauthbench/oauthbench/internal/oauth"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/scenarios"
)

// setting is what an axis does to the plan of a cell.
type setting struct {
	name string
	set  func(p *plan.Plan, value string) error
}

// shortNames are other names of keys, as people say them.
var shortNames = map[string]string{"chain": scenarios.ChainLengthKey}

// limitKeys are keys of containers, which take a part of the deployment, too.
var limitKeys = []string{"cpus", "cpuset", "memory"}

// loadKeys are keys that change what is sent, or how, whatever the scenarios.
var loadKeys = []string{"scenario", "mix", "process", "timeout", "max-workers", "transport", "pacing", "catch-up",
	"generator-cpus"}

// grantSettings are settings of servers that only one grant heeds.
var grantSettings = map[string]oauth.Capability{
	"refresh_grace": oauth.GrantRefreshToken, "refresh_ttl": oauth.GrantRefreshToken,
	"device_interval": oauth.GrantDeviceCode,
}

// settingOf finds what an axis does. An error says why it cannot be varied.
func settingOf(a grid.Axis, p plan.Plan) (setting, error) {
	name := a.Name
	if long, ok := shortNames[name]; ok {
		name = long
	}
	key, part, _ := strings.Cut(name, ".")
	if err := checkNoSecret(name, a.Values); err != nil {
		return setting{}, err
	}
	switch {
	case name == grid.Replicas:
		return setting{name, func(p *plan.Plan, value string) (err error) {
			p.Replicas, err = strconv.Atoi(value)
			return err
		}}, nil
	case name == "target":
		return setting{name, func(p *plan.Plan, value string) error { p.Candidate = value; return nil }}, nil
	case name == "rate" && p.AutomaticRates():
		return setting{}, fmt.Errorf("rate: a search for capacity finds it: give --rate, too, and cells are measured " +
			"at fixed rates")
	case key == "dataset" && part != "":
		return setting{name, func(p *plan.Plan, value string) error { return setRows(p, part, value) }}, nil
	case slices.Contains(limitKeys, key):
		return ofLimit(name, key, part), nil
	}
	if k, known := keyOf(name); known {
		return ofKey(k, p)
	}
	if grant, known := grantSettings[name]; known {
		chosen, err := scenarios.Find(p.Scenarios)
		if err != nil {
			return setting{}, err
		}
		if !slices.ContainsFunc(chosen, func(s scenarios.Scenario) bool { return slices.Contains(s.Needs, grant) }) {
			return setting{}, fmt.Errorf("%s has no effect: no scenario of this load needs the %s grant (%s)", name,
				grant, strings.Join(p.Scenarios, ", "))
		}
	}
	return setting{name, func(p *plan.Plan, value string) (err error) {
		if p.Candidate, err = withSetting(p.Candidate, name, value); err != nil {
			return err
		}
		return checkHeeded(*p, name)
	}}, nil
}

// checkNoSecret refuses values that may be secrets: they would name cells, and lie in folders and
// reports.
func checkNoSecret(name string, values []string) error {
	for _, value := range values {
		if plaintext.Setting(name, value) != value || len(plaintext.TargetSecrets(value)) > 0 {
			return errors.New("the values may be secrets, and would be stored and shown: give them to the " +
				"target, and " +
				"measure them in runs of their own")
		}
	}
	return nil
}

// checkHeeded refuses a setting of a server in containers that no scenario of the load heeds.
func checkHeeded(p plan.Plan, name string) error {
	spec, err := containers.ParseSpec(p.Candidate)
	if err != nil {
		return nil // It is no such server, or the target is refused elsewhere.
	}
	chosen, err := scenarios.Find(p.Scenarios)
	if err != nil || !slices.Contains(spec.Idle(scenarios.NeedsOf(chosen)), name) {
		return err
	}
	return fmt.Errorf("%s has no effect: no scenario of this load heeds it (%s)", name, strings.Join(p.Scenarios, ", "))
}

// keyOf is a key of a search's plan.
func keyOf(name string) (plan.Key, bool) {
	keys := plan.For(plan.Capacity)
	i := slices.IndexFunc(keys, func(k plan.Key) bool { return k.Name == name })
	if i < 0 {
		return plan.Key{}, false
	}
	return keys[i], true
}

// ofLimit sets what containers may use, all of them or one part.
func ofLimit(name, key, part string) setting {
	k, _ := keyOf(key) // limitKeys are keys
	return setting{name, func(p *plan.Plan, value string) error {
		if part != "" {
			value = part + "=" + value
		}
		return p.Set(k, []string{value})
	}}
}

// ofKey sets a key of the plan, when that changes what is measured.
func ofKey(k plan.Key, p plan.Plan) (setting, error) {
	allowed := slices.Contains(loadKeys, k.Name) || k.Name == "rate"
	if !allowed && k.Group == plan.Requests {
		chosen, err := scenarios.Find(p.Scenarios)
		if err != nil {
			return setting{}, err
		}
		heeded := func(of []scenarios.Scenario) bool {
			return slices.ContainsFunc(p.Parameters.OrDefaults().Settings(of),
				func(s scenarios.Setting) bool { return s.Key == k.Name })
		}
		if !heeded(chosen) && heeded(scenarios.All) {
			return setting{}, fmt.Errorf("%s has no effect: no scenario of this load heeds it (%s)", k.Name,
				strings.Join(p.Scenarios, ", "))
		}
		allowed = heeded(chosen)
	}
	if !allowed {
		return setting{}, fmt.Errorf("%s changes nothing that a cell measures: vary a setting of the target, "+
			"dataset.ROWS, target, %s, or what scenarios heed", k.Name, strings.Join(limitKeys, ", "))
	}
	return setting{k.Name, func(p *plan.Plan, value string) error { return p.Set(k, []string{value}) }}, nil
}

// setRows sets one entry of the data set. Numbers may be written as 1e6.
func setRows(p *plan.Plan, key, value string) error {
	if n, err := strconv.ParseFloat(value, 64); err == nil && n == math.Trunc(n) && math.Abs(n) < 1e15 {
		value = strconv.FormatInt(int64(n), 10)
	}
	var pairs []string
	for pair := range strings.SplitSeq(p.Dataset, ",") {
		if name, _, _ := strings.Cut(pair, "="); strings.TrimSpace(name) != key && pair != "" {
			pairs = append(pairs, pair)
		}
	}
	p.Dataset = strings.Join(append(pairs, key+"="+value), ",")
	return nil
}

// withSetting puts a setting into the query of a target, in the place of one that is there.
func withSetting(target, name, value string) (string, error) {
	base, query, _ := strings.Cut(target, "?")
	if _, err := url.ParseQuery(query); err != nil {
		return "", fmt.Errorf("target %q: settings: %w", plaintext.Target(target), err)
	}
	var pairs []string
	for pair := range strings.SplitSeq(query, "&") {
		key, _, _ := strings.Cut(pair, "=")
		if decoded, err := url.QueryUnescape(key); pair != "" && (err != nil || decoded != name) {
			pairs = append(pairs, pair)
		}
	}
	return base + "?" + strings.Join(append(pairs, name+"="+queryValue(value)), "&"), nil
}

// queryValue escapes what would end a value, and leaves the rest as people write it.
func queryValue(value string) string {
	return strings.NewReplacer("%", "%25", "&", "%26", "+", "%2B", "#", "%23", ";", "%3B", " ", "%20").Replace(value)
}
