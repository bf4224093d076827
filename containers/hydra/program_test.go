package hydra

import (
	"net/url"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/containers/postgres"
	"github.com/oauthbench/oauthbench/containers/stack"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// place is where a server of a unit test would be.
func place() stack.Site {
	dsn, _ := url.Parse("postgres://u:p@database:5432/oauth?sslmode=disable")
	return stack.Site{Issuer: "http://127.0.0.1:1111", Admin: "http://127.0.0.1:2222", DSN: dsn,
		Secret: strings.Repeat("a", 64)}
}

func parse(target string) (stack.Spec, error) {
	return stack.Catalogue{Servers: []stack.Server{Server},
		Databases: []stack.Database{postgres.Database}}.Parse(target)
}

func TestByVersion(t *testing.T) {
	tests := []struct {
		target     string
		arguments  string
		introspect string
		metrics    string
		hasher     string
	}{
		{"hydra:v1.9.0", "serve all --dangerous-force-http", "/oauth2/introspect", "/metrics/prometheus", "bcrypt"},
		{"hydra:v1.11.10-sqlite", "serve all --dangerous-force-http", "/oauth2/introspect", "/metrics/prometheus",
			"bcrypt"},
		{"hydra:v2.0.0", "serve all --dev", "/admin/oauth2/introspect", "/admin/metrics/prometheus", "pbkdf2"},
		{"hydra:v2.3.0-distroless", "serve all --dev", "/admin/oauth2/introspect", "/admin/metrics/prometheus",
			"pbkdf2"},
		{"hydra:v25.4.0?hasher=bcrypt", "serve all --dev", "/admin/oauth2/introspect", "/admin/metrics/prometheus",
			"bcrypt"},
		{"hydra:26.2.0", "serve all --dev", "/admin/oauth2/introspect", "/admin/metrics/prometheus", "pbkdf2"},
	}
	for _, tt := range tests {
		spec, err := parse(tt.target)
		if err != nil {
			t.Fatal(err)
		}
		p, err := spec.Program()
		if err != nil {
			t.Fatal(err)
		}
		at := place()
		c := p.Serve(at)
		if got := strings.Join(c.Args, " "); got != tt.arguments {
			t.Errorf("%s runs %q; want %q", tt.target, got, tt.arguments)
		}
		if got := p.Endpoints(at).Introspection; got != at.Admin+tt.introspect {
			t.Errorf("%s introspects at %q; want %q", tt.target, got, at.Admin+tt.introspect)
		}
		if p.Metrics != tt.metrics {
			t.Errorf("%s has metrics at %q; want %q", tt.target, p.Metrics, tt.metrics)
		}
		if p.Settings["hasher"] != tt.hasher {
			t.Errorf("%s has the hasher %q; want %q", tt.target, p.Settings["hasher"], tt.hasher)
		}
		if _, set := c.Env["OAUTH2_HASHERS_ALGORITHM"]; set == strings.HasPrefix(tt.target, "hydra:v1.") {
			t.Errorf("%s: OAUTH2_HASHERS_ALGORITHM set: %v; 1.x does not know it", tt.target, set)
		}
		for _, value := range p.Settings {
			if strings.Contains(value, at.Secret) || strings.Contains(value, "p@database") {
				t.Errorf("%s: the settings hold a secret", tt.target)
			}
		}
		for name := range c.Env {
			separator := "?"
			if strings.Contains(tt.target, "?") {
				separator = "&"
			}
			if _, err := parse(tt.target + separator + "env." + name + "=x"); err == nil {
				t.Errorf("%s: env.%s would override what oauthbench sets", tt.target, name)
			}
		}
		if len(p.Migrate(at)) != 1 {
			t.Errorf("%s has %d migrations; want 1", tt.target, len(p.Migrate(at)))
		}
	}
}

func TestPool(t *testing.T) {
	at := place()
	if got := dsnWithPool(at.DSN, "30"); !strings.Contains(got, "max_conns=30") ||
		!strings.Contains(got, "max_idle_conns=30") {
		t.Errorf("dsnWithPool = %q; want the pool's size", got)
	}
	if got := dsnWithPool(at.DSN, "default"); strings.Contains(got, "max_conns") {
		t.Errorf("dsnWithPool = %q; want Hydra's own pool", got)
	}
	if strings.Contains(at.DSN.String(), "max_conns") {
		t.Error("dsnWithPool has changed its argument")
	}
}

// What a release can do is said before it is started.
func TestCapabilities(t *testing.T) {
	for _, tt := range []struct {
		version             string
		bearer, device, ttl bool
	}{
		{"v1.9.0", false, false, false}, {"v1.10.7", false, false, false}, {"v1.11.10", true, false, false},
		{"v2.0.0", true, false, true}, {"v2.3.0", true, false, true}, {"v25.4.0", true, true, true},
		{"v26.2.0", true, true, true},
	} {
		spec, err := parse("hydra:" + tt.version)
		if err != nil {
			t.Fatal(err)
		}
		can := spec.Capabilities()
		for c, want := range map[oauth.Capability]bool{
			oauth.GrantJWTBearer: tt.bearer, oauth.GrantDeviceCode: tt.device, oauth.CanSetLifetime: tt.ttl,
			oauth.GrantTokenExchange: false, oauth.HasDPoP: false, oauth.GrantRefreshToken: true,
		} {
			if can.Has(c) != want {
				t.Errorf("%s has %s: %v; want %v", tt.version, c, !want, want)
			}
		}
		p, err := spec.Program()
		if err != nil {
			t.Fatal(err)
		}
		if at := p.Endpoints(place()).DeviceAuthorization; (at != "") != tt.device {
			t.Errorf("%s: device authorization at %q", tt.version, at)
		}
	}
}

// The grace of refresh tokens is a setting of the servers that have one, and recorded.
func TestGrace(t *testing.T) {
	spec, err := parse("hydra:v2.3.0?refresh_grace=10s")
	if err != nil {
		t.Fatal(err)
	}
	p, err := spec.Program()
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Serve(place()).Env["OAUTH2_GRANT_REFRESH_TOKEN_ROTATION_GRACE_PERIOD"]; got != "10s" ||
		p.Settings["refresh_grace"] != "10s" {
		t.Errorf("environment %q, settings %v", got, p.Settings)
	}
	if _, err := parse("hydra:v2.2.0?refresh_grace=10s"); err == nil || !strings.Contains(err.Error(), "from 2.3") {
		t.Errorf("an older release: %v", err)
	}
}
