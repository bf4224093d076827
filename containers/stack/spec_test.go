package stack

import (
	"strings"
	"testing"
)

func TestParseSpec(t *testing.T) {
	tests := []struct {
		target string
		want   string // String of the result
	}{
		// the plain ones
		{"hydra:v1.11.10", "hydra:v1.11.10"},
		{"reference:v2", "reference:v2"},
		{"glewlwyd:2.7.5", "glewlwyd:2.7.5"},
		// the default database is not repeated, another is
		{"hydra:v2.3.0?db=postgres:15", "hydra:v2.3.0"},
		{"hydra:v2.3.0?db=postgres:16.4", "hydra:v2.3.0?db=postgres:16.4"},
		// settings come in a fixed order
		{"hydra:v2.3.0?hasher=bcrypt&access_token=jwt", "hydra:v2.3.0?access_token=jwt&hasher=bcrypt"},
		// environment and database settings keep their names
		{"hydra:v2.3.0?env.LOG_LEVEL=warn&db.shared_buffers=256MB", "hydra:v2.3.0?db.shared_buffers=256MB&env.LOG_LEVEL=warn"},
		// what may be a secret is not shown
		{"hydra:v2.3.0?env.SECRETS_COOKIE=abcdefghijklmnop", "hydra:v2.3.0?env.SECRETS_COOKIE=***"},
		// another image for a known version
		{"hydra:v1.11.10?image=registry.example:5000/team/hydra:ours", "hydra:v1.11.10?image=registry.example:5000/team/hydra:ours"},
	}
	for _, tt := range tests {
		got, err := ParseSpec(tt.target)
		if err != nil {
			t.Errorf("ParseSpec(%q) = %v", tt.target, err)
			continue
		}
		if got.String() != tt.want {
			t.Errorf("ParseSpec(%q).String() = %q; want %q", tt.target, got, tt.want)
		}
	}
}

func TestParseSpecRefuses(t *testing.T) {
	tests := []struct{ target, says string }{
		{"keycloak:26", "hydra, reference, glewlwyd"},
		{"hydra", "hydra:v2.3.0"},
		{"hydra:", "no version"},
		{"hydra:latest", "name a version"},
		{"hydra:v2.3.0/x", "not a tag"},
		{"hydra:main", "does not begin with a version"},
		{"hydra:v1.8.5", "too old"},
		{"hydra:v2.3.0?hash=bcrypt", "no setting \"hash\""},
		{"hydra:v2.3.0?hasher=md5", "bcrypt or pbkdf2"},
		{"hydra:v1.11.10?hasher=pbkdf2", "bcrypt only"},
		{"hydra:v2.3.0?bcrypt_cost=10", "no effect"},
		{"hydra:v1.11.10?pbkdf2_iterations=10", "no effect"},
		{"hydra:v2.3.0?hasher=bcrypt&hasher=pbkdf2", "2 times"},
		{"hydra:v2.3.0?access_ttl=1500ms", "whole seconds"},
		{"hydra:v2.3.0?db=mysql:8", "db=postgres:15"},
		{"hydra:v2.3.0?db=postgres:12", "postgres:13 or later"},
		{"hydra:v2.3.0?db=postgres", "postgres:13 or later"},
		{"hydra:v2.3.0?env.DSN=memory", "set by oauthbench itself"},
		{"hydra:v2.3.0?env.A%20B=1", "not the name"},
		{"hydra:v2.3.0?image=hydra", "with its tag"},
		{"hydra:v2.3.0?image=oryd/hydra:latest", "with its tag"},
		{"hydra:v2.3.0?db.shared_preload_libraries=auto_explain", "pg_stat_statements too"},
		{"reference:v3", "reference:v1 or reference:v2"},
		{"glewlwyd:1.4", "2.5.2 or later"},
	}
	for _, tt := range tests {
		_, err := ParseSpec(tt.target)
		if err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("ParseSpec(%q) = %v; want an error that says %q", tt.target, err, tt.says)
		}
	}
}

func TestParseSpecHidesSecrets(t *testing.T) {
	_, err := ParseSpec("hydra:v2.3.0?env.MY_PASSWORD=open-sesame&nonsense=1")
	if err == nil || strings.Contains(err.Error(), "open-sesame") {
		t.Errorf("ParseSpec = %v; want an error without the password", err)
	}
}

func TestExamples(t *testing.T) {
	for _, s := range Servers {
		if spec, err := ParseSpec(s.Example); err != nil || spec.Server != s.Name {
			t.Errorf("example of %s: %q: %v", s.Name, s.Example, err)
		}
		if s.Summary == "" {
			t.Errorf("%s has no summary", s.Name)
		}
		for _, x := range s.Settings {
			if x.Summary == "" || x.Allowed == "" {
				t.Errorf("setting %s of %s is not described", x.Key, s.Name)
			}
			if x.Default != "" && !x.valid(x.Default) {
				t.Errorf("setting %s of %s has the default %q, which is not valid", x.Key, s.Name, x.Default)
			}
		}
	}
	for _, d := range Databases {
		if _, err := ParseSpec("hydra:v2.3.0?db=" + d.Example); err != nil {
			t.Errorf("example of %s: %v", d.Name, err)
		}
	}
}

func TestQualify(t *testing.T) {
	t.Setenv(prefixVariable, "")
	tests := []struct{ prefix, image, want string }{
		{"", "postgres:15", "postgres:15"},
		{"mirror.example/hub", "postgres:15", "mirror.example/hub/postgres:15"},
		{"mirror.example", "oryd/hydra:v2.3.0", "mirror.example/oryd/hydra:v2.3.0"},
		// images that name their registry stay
		{"mirror.example", "ghcr.example/ory/hydra:v2.3.0", "ghcr.example/ory/hydra:v2.3.0"},
		{"mirror.example", "localhost/oauthbench/reference:1", "localhost/oauthbench/reference:1"},
	}
	for _, tt := range tests {
		if got := qualify(tt.prefix, tt.image); got != tt.want {
			t.Errorf("qualify(%q, %q) = %q; want %q", tt.prefix, tt.image, got, tt.want)
		}
	}
}

func TestParseDataset(t *testing.T) {
	for text, want := range map[string]Dataset{
		"clients=1000,tokens=1000000,revoked=5%": {1000, 1_000_000, 0.05},
		"tokens=1_000_000":                       {0, 1_000_000, 0},
		"revoked=0%, tokens=10":                  {0, 10, 0},
	} {
		got, err := ParseDataset(text)
		if err != nil || got != want {
			t.Errorf("ParseDataset(%q) = %v, %v; want %v", text, got, err, want)
		}
		if back, err := ParseDataset(got.String()); err != nil || back != got {
			t.Errorf("ParseDataset(%q) = %v, %v; want %v", got, back, err, got)
		}
	}
	for _, text := range []string{
		"", "tokens", "tokens=", "tokens=-1", "tokens=1e6", "tokens=99999999999999999999", "tokens=1,tokens=2", "users=1",
		"revoked=5", "revoked=100%", "revoked=-1%", "revoked=NaN%",
	} {
		if got, err := ParseDataset(text); err == nil || !strings.Contains(err.Error(), "revoked=5%") {
			t.Errorf("ParseDataset(%q) = %v, %v; want an error with an example", text, got, err)
		}
	}
}
