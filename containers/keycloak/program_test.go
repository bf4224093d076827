package keycloak

import (
	"net/url"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/containers/postgres"
	"github.com/oauthbench/oauthbench/containers/stack"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// program is how a target is run.
func program(t *testing.T, target string) stack.Program {
	t.Helper()
	spec, err := stack.Catalogue{Servers: []stack.Server{Server}, Databases: []stack.Database{postgres.Database}}.
		Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	p, err := spec.Program()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// place is where a server of a unit test would be.
func place() stack.Site {
	dsn, _ := url.Parse("postgres://u:p@database:5432/oauth?sslmode=disable")
	return stack.Site{Issuer: "http://127.0.0.1:1111", Admin: "http://127.0.0.1:2222", DSN: dsn,
		Secret: strings.Repeat("a", 64)}
}

// What a version can do, and what it does that surprises, goes by its number.
func TestByVersion(t *testing.T) {
	for _, tt := range []struct {
		tag              string
		exchange, dpop   bool
		checks, examined bool
	}{
		{"26.0.0", false, false, false, false},
		{"26.2.0", true, false, false, false},
		{"26.4.7", true, true, false, false},
		{"26.4.12", true, true, true, false},
		{"26.5.3", true, true, false, true},
		{"26.6.1", true, true, false, true},
		{"26.6.2-1", true, true, true, true},
		{"26.7.3", true, true, true, true},
		{"27.0.0", true, true, true, true},
	} {
		p := program(t, "keycloak:"+tt.tag+"?audience=off")
		if got := p.Capabilities.Has(oauth.GrantTokenExchange); got != tt.exchange {
			t.Errorf("%s exchanges tokens: %v; want %v", tt.tag, got, tt.exchange)
		}
		if got := p.Capabilities.Has(oauth.HasDPoP); got != tt.dpop {
			t.Errorf("%s has DPoP: %v; want %v", tt.tag, got, tt.dpop)
		}
		if got := strings.Contains(strings.Join(p.Notes, " "), "CVE-2026-37979"); got != tt.checks {
			t.Errorf("%s without an audience is said to call tokens inactive: %v; want %v", tt.tag, got, tt.checks)
		}
		if got := len(p.Upgrade.Examine) > 0; got != tt.examined {
			t.Errorf("%s has rows to be looked at after its migration: %v; want %v", tt.tag, got, tt.examined)
		}
		if notes := program(t, "keycloak:"+tt.tag).Notes; len(notes) > 0 {
			t.Errorf("%s surprises with the defaults: %q", tt.tag, notes)
		}
	}
}

// All that is set is reserved, and none of it is told with the settings that is secret; what
// decides a measurement is.
func TestEnvironment(t *testing.T) {
	at := place()
	p := program(t, "keycloak:26.7.3?cache=ispn&sessions=volatile&java_opts=-Xss1m")
	env := p.Serve(at).Env
	for name, want := range map[string]string{
		"KC_DB": "postgres", "KC_DB_URL": "jdbc:postgresql://database:5432/oauth?sslmode=disable",
		"KC_HOSTNAME": at.Issuer, "KC_CACHE": "ispn", "KC_FEATURES_DISABLED": "persistent-user-sessions",
		"JAVA_OPTS_APPEND": "-Xss1m", "KC_HEALTH_ENABLED": "true", "KC_METRICS_ENABLED": "true",
	} {
		if env[name] != want {
			t.Errorf("%s=%q; want %q", name, env[name], want)
		}
	}
	for key, value := range p.Settings {
		if strings.Contains(value, at.Secret) || strings.Contains(value, "p@database") {
			t.Errorf("the setting %s holds a secret", key)
		}
	}
	if p.Settings["cache"] != "ispn" || p.Settings["sessions"] != "volatile" || p.Settings["java_opts"] != "-Xss1m" {
		t.Errorf("settings %v; want the cache, the sessions and the options of the JVM", p.Settings)
	}
	if p.Limits.Memory == 0 {
		t.Error("without a limit its heap is most of this machine")
	}
}

// Before an upgrade the rows are asked about what it changes, and nothing else.
func TestPreflightByRelease(t *testing.T) {
	names := func(from, to string) (all []string) {
		for _, c := range program(t, "keycloak:"+from).Upgrade.Preflight(to) {
			all = append(all, c.Name)
		}
		return all
	}
	for _, tt := range []struct {
		from, to string
		want     int
	}{{"26.4.7", "26.7.3", 4}, {"26.4.7", "26.4.7", 0}, {"26.4.7", "26.4.12", 1}, {"26.4.7", "26.5.0", 1},
		{"26.5.0", "26.6.1", 3}, {"26.6.2", "26.7.3", 0},
		{"26.7.3", "26.7.3", 0}, {"26.7.3", "26.4.7", 0}} {
		if got := names(tt.from, tt.to); len(got) != tt.want {
			t.Errorf("from %s to %s: %q; want %d questions", tt.from, tt.to, got, tt.want)
		}
	}
}

// The repair makes exactly the indexes that are looked for, and fills in realms where there are any.
func TestRepairMendsWhatIsExamined(t *testing.T) {
	for tag, fills := range map[string]bool{"26.4.7": false, "26.5.0": false, "26.6.2": true, "26.7.3": true} {
		u := program(t, "keycloak:"+tag).Upgrade
		if got := strings.Contains(u.Repair, "realm_id IS NULL"); got != fills {
			t.Errorf("%s: the repair fills in realms: %v; want %v", tag, got, fills)
		}
		looked := ""
		for _, c := range u.Examine {
			looked += c.Query
		}
		for _, x := range indexes {
			if strings.Contains(looked, x.name) != strings.Contains(u.Repair, x.name+" ON "+x.table) {
				t.Errorf("%s: %s is looked for and not made, or made and not looked for", tag, x.name)
			}
		}
		if (u.Repair == "") != (len(u.Examine) == 0) {
			t.Errorf("%s: %d questions and the repair %q", tag, len(u.Examine), u.Repair)
		}
	}
}
