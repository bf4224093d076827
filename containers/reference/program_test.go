package reference

import (
	"maps"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/containers/stack"
	"github.com/oauthbench/oauthbench/internal/authserver/settings"
)

// What is recorded is what runs have been stored with before, word for word.
func TestRecorded(t *testing.T) {
	for _, tt := range []struct {
		version string
		given   stack.Values
		want    map[string]string
	}{
		{"v1", nil, map[string]string{
			"access_token": "opaque", "hasher": "bcrypt", "bcrypt_cost": "8", "access_ttl": "1h", "refresh_ttl": "720h",
		}},
		{"v2", stack.Values{"tokens": "jwt", "access_ttl": "90s", "fault.errors": "0.1", "pbkdf2_rounds": "5",
			"refresh_grace": "10s"}, map[string]string{
			"access_token": "jwt", "hasher": "pbkdf2", "pbkdf2_iterations": "5", "access_ttl": "90s",
			"refresh_ttl":  "720h",
			"fault.errors": "0.1", "refresh_grace": "10s",
		}},
	} {
		p, err := program(stack.Spec{Version: tt.version}, tt.given)
		if err != nil || !maps.Equal(p.Settings, tt.want) {
			t.Errorf("%s %v records %v, %v; want %v", tt.version, tt.given, p.Settings, err, tt.want)
		}
		args := strings.Join(p.Serve(stack.Site{Issuer: "http://i", DSN: new(url.URL)}).Args, " ")
		for key, value := range tt.given {
			if want := "--set " + key + "="; !strings.Contains(args, want) {
				t.Errorf("the server runs with %q; want %s%s", args, want, value)
			}
		}
		if !strings.Contains(args, "--set db="+settings.Postgres) {
			t.Errorf("the server runs with %q; want PostgreSQL", args)
		}
	}
}

func TestShort(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Hour: "1h", 90 * time.Second: "1m30s", 10 * time.Minute: "10m", 30 * time.Second: "30s",
		90 * time.Minute: "1h30m",
	} {
		if got := short(d); got != want {
			t.Errorf("short(%d) = %s; want %s", d, got, want)
		}
	}
}
