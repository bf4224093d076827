package plan

import (
	"math"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/scenarios"
)

func TestAMixSharesOneRate(t *testing.T) {
	p := Default(Run)
	if err := p.parse(Run, "x.yaml",
		[]byte("mix: {introspect: 80, token: 12, refresh: 6, revoke: 2}\nrate: 50/s\n")); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(p.Scenarios, " "); got != "introspect refresh revoke token" {
		t.Errorf("scenarios %q", got)
	}
	for name, want := range map[string]float64{"introspect": 40, "token": 6, "refresh": 3, "revoke": 1} {
		if got := p.Rate(name).PerSecond * p.Part(name); math.Abs(got-want) > 1e-9 {
			t.Errorf("%s at %v/s; want %v/s", name, got, want)
		}
	}
	if err := p.Check(); err != nil {
		t.Error(err)
	}
	p.Rates["token"] = Rate{PerSecond: 1}
	if err := p.Check(); err == nil || !strings.Contains(err.Error(), "one rate") {
		t.Errorf("a rate of its own in a mix: %v", err)
	}
}

func TestMixedIsTheDefaultMix(t *testing.T) {
	p := Default(Run)
	if err := p.parse(Run, "x.yaml", []byte("scenario: mixed\n")); err != nil {
		t.Fatal(err)
	}
	if scenarios.Weights(p.Mix) != scenarios.Weights(scenarios.Mixes[0].Weights) {
		t.Errorf("mix %v; want %v", p.Mix, scenarios.Mixes[0].Weights)
	}
	if err := p.parse(Run, "x.yaml", []byte("scenario: token\n")); err != nil || p.Mix != nil || p.Part("token") != 1 {
		t.Errorf("%v, mix %v; want none beside a scenario", err, p.Mix)
	}
}

// What is set for scenarios that are not in a run is refused: it would be stored, and not used.
func TestSettingsOfOtherScenarios(t *testing.T) {
	for _, c := range []struct{ plan, wrong string }{
		{"scenario: token\nstates: {active: 100}\n", "states is for introspect"},
		{"scenario: [token, introspect]\nstates: {active: 100}\n", ""},
		{"scenario: introspect\nwrong-client-share: 0.5\n", "wrong-client-share is for revoke"},
		{"scenario: token\nretry-gap: 1s\n", "retry-gap is for refresh-retry"},
		{"scenario: jwks\nsubjects: 7\n", "subjects is for "},
		{"scenario: token\nsubjects: 100\n", ""}, // as it is anyway
		{"scenario: introspect\nclient-auth: client_secret_post\n", ""},
	} {
		p := Default(Run)
		err := p.parse(Run, "x.yaml", []byte(c.plan))
		if err == nil {
			err = p.Check()
		}
		if (err != nil) != (c.wrong != "") || err != nil && !strings.Contains(err.Error(), c.wrong) {
			t.Errorf("%q: %v; want %q", c.plan, err, c.wrong)
		}
	}
}

// Every parameter of the requests can be set, comes back from the flags that are
// stored with a run, and is refused with a reason when it is wrong.
func TestRequestKeys(t *testing.T) {
	for _, c := range []struct{ key, value, wrong string }{
		{"client-auth", "private_key_jwt:ES256", "private_key_jwt"},
		{"dpop", "true", "maybe"},
		{"scope", "read write", ""},
		{"audience", "https://api.example", ""},
		{"clients", "10000", "0"},
		{"subjects", "5", "-1"},
		{"chain-length", "3", "x"},
		{"retry-gap", "250ms", "250"},
		{"refresh-share", "0.5", "1.5"},
		{"oracle-share", "0", "NaN"},
		{"states", "active=1,revoked=9", "revoked=1"},
		{"prepare-rate", "50", "-1"},
	} {
		p := Default(Run)
		if err := p.parse(Run, "x.yaml", []byte(c.key+": "+c.value+"\n")); err != nil {
			t.Errorf("%s: %v", c.key, err)
			continue
		}
		flags := strings.Join(p.Flags(Run), " ")
		want := "--" + c.key + " " + c.value
		if c.key == "dpop" {
			want = "--dpop"
		}
		if !strings.Contains(flags, want) {
			t.Errorf("flags %q; want %q", flags, want)
		}
		if c.wrong != "" {
			if err := p.parse(Run, "x.yaml", []byte(c.key+": "+c.wrong+"\n")); err == nil {
				t.Errorf("%s: %s was let through", c.key, c.wrong)
			}
		}
	}
}

// A trial must be long enough for the rarest operation of a scenario.
func TestFitCountsOperations(t *testing.T) {
	p := Profiles[0]
	one := p.lengthFor(load(100), 100)
	both := load(100)
	both[0].Streams[0].Scenario = "authcode"
	if two := p.lengthFor(both, 100); two < one*3/2 {
		t.Errorf("%v for one operation, %v for two", one, two)
	}
}
