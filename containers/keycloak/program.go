// Package keycloak runs Keycloak in production mode: one run line for the official image,
// which builds itself at its start, and for one that was built. Its memory is always
// limited, for its heap follows the limit.
package keycloak

import (
	"context"
	"maps"
	"time"

	"github.com/oauthbench/oauthbench/containers/stack"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// Server is Keycloak.
var Server = stack.Server{
	Name:    "keycloak",
	Summary: "Keycloak 26 and later, in production mode; access tokens are JWTs",
	Example: "keycloak:26.7.3",
	Tested:  []string{"keycloak:26.4.7", "keycloak:26.7.3"},
	Settings: []stack.Setting{
		stack.Lifetime("access_ttl", "lifetime of access tokens; default 1h"),
		stack.Lifetime("refresh_ttl", "lifetime of sessions, and so of refresh tokens; default 10h"),
		stack.OneOf("rotation", "a refresh token can be used once (Revoke Refresh Token)", "on", "on", "off").
			Heeded(oauth.GrantRefreshToken),
		stack.WholeNumber("reuse", "how often a refresh token may be used again, with rotation", "0", 0, 100).
			Heeded(oauth.GrantRefreshToken),
		stack.OneOf("audience", "tokens name the resource server in aud; from 26.6.2 introspection calls those "+
			"inactive that do not", "on", "on", "off"),
		stack.OneOf("login_hash", "how users' passwords are hashed; default is the version's own", "", "argon2",
			"pbkdf2-sha512", "pbkdf2-sha256").Heeded(oauth.PasswordLogin).Known("password_hash"),
		stack.WholeNumber("login_iterations", "rounds of the password hash; default is the hash's own", "", 1,
			10_000_000).Heeded(oauth.PasswordLogin).Known("password_iterations"),
		stack.OneOf("sessions", "online sessions are rows of the database, or live in memory alone", "persistent",
			"persistent", "volatile").Heeded(oauth.GrantAuthorizationCode, oauth.GrantDeviceCode),
		stack.OneOf("cache", "caches are of one instance, or of a cluster over the private network, for `--replicas`",
			"local", "local", "ispn"),
		stack.OneOf("tls", "the protocol is spoken over TLS, and clients may prove themselves by certificates", "off",
			"off", "on"),
		stack.Text("java_opts", "options for the JVM (JAVA_OPTS_APPEND)"),
		stack.ImageSetting,
	},
	Notes: []string{
		"Without `--memory` a Keycloak gets 1500 MiB.",
		"Its line of log for each introspection of a revoked token is switched off (`KC_LOG_LEVEL`).",
	},
	Program: programOf,
	Guide: stack.Guide{
		Source: "Keycloak, High availability guide, Concepts for sizing CPU and memory resources",
		Rates: []stack.GuideRate{{Operation: "signin", What: "password logins", PerCore: 15},
			{Operation: "token", What: "client credential grants", PerCore: 120},
			{Operation: "refresh", What: "refresh token requests", PerCore: 120}},
	},
}

const (
	publicPort     = 8080
	managementPort = 9000
	memory         = 1500 << 20 // bytes; the project recommends 750 MB at least
	realm          = "bench"
	administrator  = "oauthbench"
)

// realmAt is the base of the realm's endpoints.
func realmAt(at stack.Site) string { return at.Issuer + "/realms/" + realm }

func programOf(s stack.Spec, v stack.Values) (stack.Program, error) {
	release, err := parseRelease(s.Version)
	if err != nil {
		return stack.Program{}, err
	}
	r := realmOf(v)
	settings := map[string]string{
		"access_token": "jwt", "access_ttl": r.access.String(), "refresh_ttl": r.session.String(),
		"rotation": v["rotation"], "audience": v["audience"], "cache": v["cache"], "sessions": v["sessions"],
		"tls":       v["tls"],
		"log_level": logLevel, "hasher": "none",
	}
	for _, key := range []string{"login_hash", "login_iterations", "java_opts", "reuse"} {
		if v[key] != "" {
			settings[key] = v[key]
		}
	}
	environment := func(at stack.Site) map[string]string {
		password, _ := at.DSN.User.Password()
		env := map[string]string{
			"KC_DB": "postgres", "KC_DB_URL": "jdbc:postgresql://" + at.DSN.Host + at.DSN.Path + "?sslmode=disable",
			"KC_DB_USERNAME": at.DSN.User.Username(), "KC_DB_PASSWORD": password,
			"KC_HEALTH_ENABLED": "true", "KC_METRICS_ENABLED": "true", "KC_HTTP_ENABLED": "true",
			"KC_CACHE":    v["cache"],
			"KC_HOSTNAME": at.Issuer, "KC_LOG_LEVEL": logLevel,
			"KC_BOOTSTRAP_ADMIN_USERNAME": administrator, "KC_BOOTSTRAP_ADMIN_PASSWORD": at.Secret,
		}
		if v["java_opts"] != "" {
			env["JAVA_OPTS_APPEND"] = v["java_opts"]
		}
		if v["sessions"] == "volatile" {
			env["KC_FEATURES_DISABLED"] = "persistent-user-sessions"
		}
		return env
	}
	p := stack.Program{
		Image:       "quay.io/keycloak/keycloak:" + s.Version,
		Settings:    settings,
		Public:      publicPort,
		Admin:       managementPort,
		Limits:      stack.Limits{Memory: memory},
		Health:      func(at stack.Site) string { return at.Admin + "/health/ready" },
		WarmUp:      time.Minute,
		Metrics:     "/metrics",
		ReadMetrics: stack.JVMMetrics,
		// It is healthy before its realms answer.
		Probe: func(ctx context.Context, a *stack.Access) error {
			if v["tls"] == "on" {
				if err := trust(a); err != nil {
					return err
				}
			}
			a.Memory.Delete("admin") // A token of the process before says nothing of this one.
			_, err := adminToken(ctx, a)
			return err
		},
		Serve: func(at stack.Site) stack.Command {
			return stack.Command{Args: []string{"start"}, Env: environment(at)}
		},
		SetUp: func(ctx context.Context, a *stack.Access) error {
			if v["tls"] == "on" { // One that was found again has not been probed.
				if err := trust(a); err != nil {
					return err
				}
			}
			return r.create(ctx, a)
		},
		Capabilities: release.capabilities(),
		Endpoints: func(at stack.Site) oauth.Endpoints {
			base := realmAt(at) + "/protocol/openid-connect"
			return oauth.Endpoints{
				Issuer: realmAt(at), Authorization: base + "/auth", Token: base + "/token",
				Introspection: base + "/token/introspect",
				Revocation:    base + "/revoke", Userinfo: base + "/userinfo", JWKS: base + "/certs",
				DeviceAuthorization: base + "/auth/device",
			}
		},
		Register:      r.register,
		Introspection: r.introspection,
		AsksAbout:     asksAbout,
		Authorize:     authorize,
		SignIn:        signIn,
		Approve:       approve,
		Growth:        growth(),
		Upgrade:       upgradeOf(release, r, environment),
	}
	if v["tls"] == "on" {
		p.Secure, p.Public, p.Certificate = true, securePort, clientCertificate
		p.Capabilities = append(p.Capabilities, oauth.AuthTLS)
		p.Serve = func(at stack.Site) stack.Command {
			files, env, err := secured(at)
			if err != nil {
				return stack.Command{Args: []string{"start"}, Env: environment(at)} // it is not ready then
			}
			maps.Copy(env, environment(at))
			return stack.Command{Args: []string{"start"}, Env: env, Files: files}
		}
	}
	if v["audience"] == "off" && release.checksAudience() {
		p.Notes = append(p.Notes, "keycloak:"+s.Version+
			" calls a token inactive whose aud does not name who introspects "+
			"(CVE-2026-37979; from 26.6.2, and 26.4.12 in its line), and with audience=off no token names "+
			"anybody: give "+
			"clients an audience mapper one lifetime of tokens before the upgrade")
	}
	return p, nil
}

// logLevel leaves out the events, of which one is logged for each introspection of a
// revoked token, and each question whether it is ready.
const logLevel = "INFO,org.keycloak.events:error,io.smallrye.health:error"
