package containers

import (
	"slices"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/containers/stack"
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
		{"hydra:v2.3.0?tokens=jwt&hasher=bcrypt", "hydra:v2.3.0?hasher=bcrypt&tokens=jwt"},
		// an old name is the new one
		{"hydra:v2.3.0?access_token=jwt&pbkdf2_iterations=5", "hydra:v2.3.0?pbkdf2_rounds=5&tokens=jwt"},
		{"reference:v2?access_token=jwt", "reference:v2?tokens=jwt"},
		// environment and database settings keep their names
		{"hydra:v2.3.0?env.LOG_LEVEL=warn&db.shared_buffers=256MB",
			"hydra:v2.3.0?db.shared_buffers=256MB&env.LOG_LEVEL=warn"},
		// what may be a secret is not shown
		{"hydra:v2.3.0?env.SECRETS_COOKIE=abcdefghijklmnop", "hydra:v2.3.0?env.SECRETS_COOKIE=***"},
		// another image for a known version
		{"hydra:v1.11.10?image=registry.example:5000/team/hydra:ours",
			"hydra:v1.11.10?image=registry.example:5000/team/hydra:ours"},
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
		{"unknown:26", "hydra, reference, glewlwyd, keycloak, oidc-provider, spring"},
		{"keycloak:26", "does not begin with a version"},
		{"keycloak:25.0.6", "too old"},
		{"keycloak:26.7.3?env.KC_DB=dev-file", "set by oauthbench itself"},
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
		{"hydra:v1.11.10?pbkdf2_rounds=10", "no effect"},
		{"hydra:v2.3.0?tokens=jwt&access_token=jwt", "two names"},
		{"reference:v2?fault.errors=2", "SHARE"},
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

// An old name of a setting works, and is noted.
func TestOldNames(t *testing.T) {
	for _, target := range []string{"hydra:v2.3.0?access_token=jwt", "reference:v1?access_token=jwt"} {
		spec, err := ParseSpec(target)
		if err != nil || len(spec.Notes) != 1 || !strings.Contains(spec.Notes[0], "is called tokens now") {
			t.Errorf("%s: notes %q, %v; want one about the new name", target, spec.Notes, err)
		}
	}
	if spec, err := ParseSpec("hydra:v2.3.0?tokens=jwt"); err != nil || len(spec.Notes) != 0 {
		t.Errorf("the new name: notes %q, %v; want none", spec.Notes, err)
	}
}

// The servers have one vocabulary: what hydra calls by a name, reference does not call
// by another.
func TestOneVocabulary(t *testing.T) {
	settings := map[string]stack.Setting{}
	for _, server := range Servers {
		for _, x := range server.Settings {
			for _, alias := range x.Aliases {
				if _, used := settings[alias]; used {
					t.Errorf("%s: %s is an old name of %s and a setting of another server", server.Name, alias, x.Key)
				}
			}
			settings[x.Key] = x
		}
	}
	for _, server := range Servers {
		for _, x := range server.Settings {
			for key, other := range settings {
				if slices.Contains(other.Aliases, x.Key) {
					t.Errorf("%s has the setting %s, which is called %s elsewhere", server.Name, x.Key, key)
				}
			}
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
			if x.Default != "" && !x.Valid(x.Default) {
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
