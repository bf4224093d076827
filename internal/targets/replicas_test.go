package targets

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/oauth"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/scenarios"
)

// placed is a server that has only addresses.
type placed struct {
	scenarios.Server
	endpoints oauth.Endpoints
}

func (p placed) Endpoints() oauth.Endpoints { return p.endpoints }

// Instances are one deployment: what they spend is added up, one that died is the death of
// all, and the first, which has the data, is closed last.
func TestInstancesAreOneDeployment(t *testing.T) {
	var closed []string
	instance := func(name, death string) *Deployment {
		base := "http://" + name
		return &Deployment{
			Server: placed{endpoints: oauth.Endpoints{Issuer: "http://a", Token: base + ":1/token",
				Introspection: base + ":2/introspect", Revocation: base + ":1/revoke"}},
			Identity: bench.Deployment{Settings: map[string]string{"pool": "5"}},
			Spent: func() bench.Spending {
				return bench.Spending{Server: bench.Usage{CPU: 3, PeakRSS: 10, Known: true},
					Database: bench.Usage{CPU: 7, Known: name == "a"}, Pools: []bench.Pool{{Name: "write", Limit: 5}}}
			},
			Restart: func(context.Context) error { return nil },
			Death:   func(context.Context) string { return death },
			Causes:  func() []bench.Cause { return []bench.Cause{{Part: name}} },
			Close:   func() error { closed = append(closed, name); return nil },
		}
	}
	d := instance("a", "")
	d.join([]*Deployment{instance("b", ""), instance("c", "exit status 1")})
	spent := d.Spent()
	if spent.Server.CPU != 9 || spent.Server.PeakRSS != 30 || spent.Database.CPU != 7 || spent.Pools[0].Limit != 15 {
		t.Errorf("three instances spent %+v", spent)
	}
	if why := d.Death(t.Context()); why != "instance 3 of 3: exit status 1" {
		t.Errorf("death = %q", why)
	}
	if d.Identity.Settings["replicas"] != "3" || d.Identity.Settings["pool"] != "5" || len(d.Causes()) != 3 {
		t.Errorf("settings %v, causes %v", d.Identity.Settings, d.Causes())
	}
	want := [][]Base{
		{{"http://a:1", "http://b:1"}, {"http://a:2", "http://b:2"}},
		{{"http://a:1", "http://c:1"}, {"http://a:2", "http://c:2"}},
	}
	for i, bases := range d.Instances() {
		if len(bases) != 2 || bases[0] != want[i][0] && bases[0] != want[i][1] {
			t.Errorf("instance %d is reached at %v; want %v", i+2, bases, want[i])
		}
	}
	if err := d.Close(); err != nil || strings.Join(closed, "") != "cba" {
		t.Errorf("closed %v, %v; want the first last", closed, err)
	}
}

// Several instances are refused where they have no effect.
func TestReplicasAreRefused(t *testing.T) {
	p := plan.Default(plan.Run)
	p.Replicas = 2
	for _, text := range []string{"https://issuer.example"} {
		_, err := Parse(text, p)
		if _, usage := errors.AsType[*UsageError](err); !usage || !strings.Contains(err.Error(), "replicas") {
			t.Errorf("%s: %v; want a usage error", text, err)
		}
	}
	p.Parameters.DPoP = true
	if _, err := Parse("embedded:v2", p); err == nil || !strings.Contains(err.Error(), "dpop") {
		t.Errorf("proofs for several addresses: %v", err)
	}
}
