package stack

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"oauthbench/internal/authserver/settings"
	"oauthbench/internal/oauth"
)

// reference is oauthbench's own embedded server, in a container of its own binary:
// no registry is needed. Its two generations differ as Hydra's do.
var reference = Server{
	Name:    "reference",
	Summary: "oauthbench's own server, generations v1 and v2, in an image made of this program",
	Example: "reference:v1",
	Settings: append([]Setting{
		oneOf("access_token", "kind of access token", "opaque", "opaque", "jwt"),
		oneOf("hasher", "of client secrets; v1 uses bcrypt, v2 pbkdf2 unless told", "", "bcrypt", "pbkdf2"),
		wholeNumber("bcrypt_cost", "log2 of the rounds; 8 unless told", "", 4, 16),
		wholeNumber("pbkdf2_iterations", "rounds; 25000 unless told", "", 1, 10_000_000),
		lifetime("access_ttl", "lifetime of access tokens; 1h unless told"),
		lifetime("refresh_ttl", "lifetime of refresh tokens; 720h unless told"),
	}, passedOn()...),
	program: referenceProgram,
}

// passedOn are settings that the server itself reads, by the same names.
func passedOn() []Setting {
	var all []Setting
	for _, known := range settings.All() {
		if !slices.Contains([]string{"refresh_grace", "device_interval", "tls"}, known.Key) && !strings.HasPrefix(known.Key, "fault.") {
			continue
		}
		all = append(all, Setting{Key: known.Key, Summary: known.Help, Allowed: known.Allowed, valid: known.Valid})
	}
	return all
}

const (
	referencePublic = 4444
	referenceAdmin  = 4445
	referenceSchema = "oauthbench_reference"
	// referenceDSN is the variable from which serve takes its database.
	referenceDSN = "OAUTHBENCH_POSTGRES_DSN"
)

func referenceProgram(s Spec, v values) (program, error) {
	byDefault := map[string]string{"v1": "bcrypt", "v2": "pbkdf2"}[s.Version]
	if byDefault == "" {
		return program{}, fmt.Errorf("no generation %q: use reference:v1 or reference:v2", s.Version)
	}
	settings := map[string]string{
		"access_token": v["access_token"], "hasher": cmp.Or(v["hasher"], byDefault),
		"access_ttl": cmp.Or(v["access_ttl"], "1h"), "refresh_ttl": cmp.Or(v["refresh_ttl"], "720h"),
	}
	// The same settings by the names that serve has for them.
	set := []string{
		"db=postgres", "tokens=" + settings["access_token"], "hasher=" + settings["hasher"],
		"access_ttl=" + settings["access_ttl"], "refresh_ttl=" + settings["refresh_ttl"],
	}
	if settings["hasher"] == "bcrypt" {
		settings["bcrypt_cost"] = cmp.Or(v["bcrypt_cost"], "8")
		set = append(set, "bcrypt_cost="+settings["bcrypt_cost"])
	} else {
		settings["pbkdf2_iterations"] = cmp.Or(v["pbkdf2_iterations"], "25000")
		set = append(set, "pbkdf2_rounds="+settings["pbkdf2_iterations"])
	}
	for _, x := range passedOn() {
		if value := v[x.Key]; value != "" {
			settings[x.Key] = value
			set = append(set, x.Key+"="+value)
		}
	}
	p := program{
		image:    "localhost/oauthbench/reference:" + s.Version, // replaced by the one that is built
		build:    buildReference,
		settings: settings,
		public:   referencePublic,
		admin:    referenceAdmin,
		metrics:  "/admin/metrics",
		health:   func(at site) string { return at.issuer + "/ready" },
		reserved: []string{referenceDSN},
		grow:     referenceGrowth(s.Version),
		serve: func(at site) command {
			args := []string{
				"serve", "--issuer", at.issuer, "--schema", referenceSchema,
				"--listen", fmt.Sprintf("0.0.0.0:%d", referencePublic), "--admin", fmt.Sprintf("0.0.0.0:%d", referenceAdmin),
			}
			for _, pair := range set {
				args = append(args, "--set", pair)
			}
			return command{args: append(args, s.Version), env: map[string]string{referenceDSN: at.dsn.String()}}
		},
		endpoints:     func(at site) oauth.Endpoints { return referenceEndpoints(at.issuer, s.Version) },
		capabilities:  referenceCapabilities(s.Version),
		register:      registerReferenceClient,
		introspection: introspectReference,
		authorize:     authorizeReference,
		approve:       approveReference,
	}
	if v["tls"] == "on" {
		p.secure, p.setUp = true, trustReference
		p.capabilities = append(p.capabilities, oauth.AuthTLS)
		// The admin interface answers when the public one does, and needs no trust.
		p.health = func(at site) string { return at.admin + "/admin/authority" }
	}
	return p, nil
}
