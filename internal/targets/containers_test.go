package targets

import (
	"slices"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/containers"
	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/oauth"
	"github.com/oauthbench/oauthbench/internal/plan"
)

// The reference server is the embedded one in a container: what the one can do, the
// other can.
func TestReferenceCanWhatEmbeddedCan(t *testing.T) {
	for _, version := range []string{"v1", "v2"} {
		var sets []oauth.Capabilities
		for _, server := range []string{"embedded:", "reference:"} {
			target, err := Parse(server+version, plan.Default(plan.Run))
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(target.Can)
			sets = append(sets, target.Can)
		}
		if !slices.Equal(sets[0], sets[1]) {
			t.Errorf("%s: embedded %v, reference %v", version, sets[0], sets[1])
		}
	}
}

// What the embedded server can be set to, its container can, and what it refuses is
// refused before anything is started.
func TestReferenceTakesTheFaultsOfEmbedded(t *testing.T) {
	example := map[string]string{"on": "on", "ms|late": "ms", "invalid|subject|revived|quoted": "subject",
		"SKEW": "-1m", "DURATION": "1ms", "SHARE": "0.5", "FACTOR": "0.5", "SIGMA": "0.5", "N": "2",
		"DURATION/DURATION": "1ms/1s", "DURATION/SIGMA": "1ms/0.5", "N/DURATION": "2/1ms"}
	for setting, ok := range map[string]bool{
		"refresh_grace=10s": true, "device_interval=1s": true, "tls=on": true, "tls=off": true,
		"refresh_grace=soon": false, "device_interval=0s": false, "tls=maybe": false,
	} {
		for _, target := range []string{"embedded:v2", "reference:v2"} {
			got, err := Parse(target+"?"+setting, plan.Plan{})
			if (err == nil) != ok || got.Can.Has(oauth.AuthTLS) != (setting == "tls=on") {
				t.Errorf("%s?%s: %v, tls_client_auth %t", target, setting, err, got.Can.Has(oauth.AuthTLS))
			}
		}
	}
	for _, k := range settings.FaultKinds() {
		value, ok := example[strings.TrimSuffix(k.Form(), "[@OPERATION]")]
		for _, target := range []string{"embedded:v2", "reference:v2"} {
			if _, err := Parse(target+"?tokens=jwt&fault."+k.Name+"="+value, plan.Plan{}); err != nil || !ok {
				t.Errorf("fault.%s=%s at %s: %v", k.Name, value, target, err)
			}
			_, err := Parse(target+"?tokens=opaque&fault."+k.Name+"="+value, plan.Plan{})
			if err != nil && !strings.Contains(err.Error(), "opaque: add tokens=jwt") {
				t.Errorf("fault.%s=%s at %s with opaque tokens: %v", k.Name, value, target, err)
			}
			if k.Name == "forged" && err == nil {
				t.Errorf("%s: a fault of JWTs is planted where there are none", target)
			}
			_, err = Parse(target+"?fault."+k.Name+"=nothing", plan.Plan{})
			if err == nil || !strings.Contains(err.Error(), k.Form()) {
				t.Errorf("fault.%s=nothing at %s: %v; want an error with its form", k.Name, target, err)
			}
		}
	}
}

// A setting of a target that no scenario of the load heeds is said; one that is heeded is not.
func TestIdleSettingsAreSaid(t *testing.T) {
	for _, tt := range []struct {
		target, scenario, want string
	}{
		{"keycloak:26.7.3?rotation=off&java_opts=-Xss1m", "token", "rotation"},
		{"keycloak:26.7.3?rotation=off", "refresh", ""},
		{"keycloak:26.7.3?login_hash=argon2", "refresh", "login_hash"},
		{"keycloak:26.7.3?login_hash=argon2", "signin", ""},
		{"keycloak:26.7.3", "token", ""},
	} {
		spec, err := containers.ParseSpec(tt.target)
		if err != nil {
			t.Fatal(err)
		}
		p := plan.Default(plan.Run)
		p.Scenarios = []string{tt.scenario}
		notes := idle(spec, p)
		if got := strings.Join(notes, " "); (len(notes) > 0) != (tt.want != "") || !strings.Contains(got, tt.want) {
			t.Errorf("%s with %s: %q; want %q named", tt.target, tt.scenario, got, tt.want)
		}
	}
}
