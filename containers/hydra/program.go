// Package hydra runs Ory Hydra 1.x and 2.x. Its flags, admin paths and hasher changed
// with 2.0 (UPGRADE.md and the configuration schemas of its repository); after 2.3 its
// versions are numbered by the year.
package hydra

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strconv"
	"strings"

	"github.com/oauthbench/oauthbench/containers/stack"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// Server is Ory Hydra.
var Server = stack.Server{
	Name:    "hydra",
	Summary: "Ory Hydra 1.9 and later",
	Example: "hydra:v2.3.0",
	Tested:  []string{"hydra:v1.11.10", "hydra:v2.3.0", "hydra:v26.2.0"},
	Settings: []stack.Setting{
		stack.OneOf("tokens", "kind of access tokens", "opaque", "opaque", "jwt").Known("access_token"),
		stack.OneOf("hasher", "how client secrets are hashed; 1.x has bcrypt only, 2.x has pbkdf2 by default", "",
			"bcrypt", "pbkdf2"),
		stack.WholeNumber("bcrypt_cost", "log2 of the rounds of BCrypt; default 10", "", 4, 31),
		stack.WholeNumber("pbkdf2_rounds", "rounds of PBKDF2; default 25000", "", 1,
			10_000_000).Known("pbkdf2_iterations"),
		stack.Lifetime("access_ttl", "lifetime of access tokens; default 1h"),
		stack.Lifetime("refresh_ttl", "lifetime of refresh tokens; default 720h"),
		stack.Lifetime("refresh_grace",
			"how long a refresh token that has been used may be used again, from 2.3; default 0s"),
		stack.WholeNumber("pool", "connections to the database, all of them kept open; `default` leaves it to Hydra",
			"20", 1, 150, "default"),
		stack.ImageSetting,
	},
	Program: program,
}

// version is the first two numbers of a tag such as v2.3.0 or v26.2.0-alpine.
type version struct{ major, minor int }

func parseVersion(tag string) (version, error) {
	var r version
	parts := strings.SplitN(strings.TrimPrefix(tag, "v"), ".", 3)
	err := errors.New("too few numbers")
	if len(parts) > 1 {
		r.major, err = strconv.Atoi(parts[0])
	}
	if err == nil {
		r.minor, err = strconv.Atoi(parts[1])
	}
	if err != nil {
		return r, fmt.Errorf("tag %q does not begin with a version: write hydra:v2.3.0, and name the image with "+
			"image= when its tag is another", tag)
	}
	if r.major < 1 || r.major == 1 && r.minor < 9 {
		return r, fmt.Errorf("version %s is too old: use v1.9.0 or later", tag)
	}
	return r, nil
}

// first tells whether it is a 1.x.
func (r version) first() bool { return r.major == 1 }

// from tells whether it is this release or a later one.
func (r version) from(major, minor int) bool {
	return r.major > major || r.major == major && r.minor >= minor
}

// capabilities are what the release can do. The JWT bearer grant came with 1.11, the
// device flow after 2.3 (CHANGELOG.md of its repository); a lifetime per client is of
// 2.x. It has no token exchange and no DPoP. Revoking a refresh token revokes the access
// tokens of its grant (TokenRevocationHandler of fosite), and introspection knows both.
func (r version) capabilities() oauth.Capabilities {
	all := oauth.Capabilities{
		oauth.GrantClientCredentials, oauth.GrantRefreshToken, oauth.GrantAuthorizationCode,
		oauth.HasIntrospection, oauth.HasRevocation, oauth.HasUserinfo, oauth.HasJWKS, oauth.HasDiscovery,
		oauth.KillsAccessTokens, oauth.IntrospectsRefresh,
		oauth.AuthBasic, oauth.AuthPost, oauth.AuthNone, oauth.AuthPrivateKeyJWT,
		oauth.LoginReturn,
	}
	if r.from(1, 11) {
		all = append(all, oauth.GrantJWTBearer)
	}
	if !r.first() {
		all = append(all, oauth.CanSetLifetime)
	}
	if r.devices() {
		all = append(all, oauth.GrantDeviceCode)
	}
	return all
}

// ownErrors are what the release answers instead of invalid_grant: 1.x refuses a
// refresh token that was used before with token_inactive.
func (r version) ownErrors() []string {
	if r.first() {
		return []string{"token_inactive"}
	}
	return nil
}

// devices tells whether it has the device flow.
func (r version) devices() bool { return r.from(2, 4) }

// admin is the path under which the admin interface has its resources.
func (r version) admin() string {
	if r.first() {
		return ""
	}
	return "/admin"
}

// arguments run the server without TLS, which ends at a proxy in production.
func (r version) arguments() []string {
	if r.first() {
		return []string{"serve", "all", "--dangerous-force-http"}
	}
	return []string{"serve", "all", "--dev"}
}

const (
	publicPort = 4444
	adminPort  = 4445
)

// variables are the recorded settings by the environment variables that carry them.
var variables = map[string]string{
	"access_token":      "STRATEGIES_ACCESS_TOKEN",
	"hasher":            "OAUTH2_HASHERS_ALGORITHM",
	"bcrypt_cost":       "OAUTH2_HASHERS_BCRYPT_COST",
	"pbkdf2_iterations": "OAUTH2_HASHERS_PBKDF2_ITERATIONS",
	"access_ttl":        "TTL_ACCESS_TOKEN",
	"refresh_ttl":       "TTL_REFRESH_TOKEN",
	"refresh_grace":     "OAUTH2_GRANT_REFRESH_TOKEN_ROTATION_GRACE_PERIOD",
}

func program(s stack.Spec, v stack.Values) (stack.Program, error) {
	release, err := parseVersion(s.Version)
	if err != nil {
		return stack.Program{}, err
	}
	settings := map[string]string{"flags": strings.Join(release.arguments()[2:], " "), "pool": v["pool"]}
	if v["refresh_grace"] != "" && !release.from(2, 3) {
		return stack.Program{}, errors.New("refresh_grace: Hydra has it from 2.3")
	}
	settings["access_token"] = v["tokens"] // the name that runs have been stored with
	for _, key := range []string{"access_ttl", "refresh_ttl", "refresh_grace"} {
		if v[key] != "" {
			settings[key] = v[key]
		}
	}
	settings["hasher"] = v["hasher"]
	if release.first() && cmp.Or(v["hasher"], "bcrypt") != "bcrypt" {
		return stack.Program{}, fmt.Errorf("hasher=%q: Hydra 1.x has bcrypt only", v["hasher"])
	}
	switch {
	case release.first() || v["hasher"] == "bcrypt":
		settings["hasher"], settings["bcrypt_cost"] = "bcrypt", cmp.Or(v["bcrypt_cost"], "10")
		if v["pbkdf2_rounds"] != "" {
			return stack.Program{}, errors.New("pbkdf2_rounds has no effect with hasher=bcrypt: leave it out")
		}
	default:
		settings["hasher"], settings["pbkdf2_iterations"] = "pbkdf2", cmp.Or(v["pbkdf2_rounds"], "25000")
		if v["bcrypt_cost"] != "" {
			return stack.Program{}, errors.New(
				"bcrypt_cost has no effect without hasher=bcrypt: add that, or leave it out")
		}
	}
	common := map[string]string{"SQA_OPT_OUT": "true"} // no telemetry
	for key, value := range settings {
		if name, ok := variables[key]; ok && !(release.first() && key == "hasher") {
			common[name] = value
		}
	}
	environment := func(at stack.Site) map[string]string {
		env := maps.Clone(common)
		env["DSN"] = dsnWithPool(at.DSN, v["pool"])
		env["SECRETS_SYSTEM"] = at.Secret
		env["URLS_SELF_ISSUER"] = at.Issuer + "/"
		// Where a user would be sent. Nobody listens: the flows are driven through the
		// admin interface, which needs only the challenge in the URL.
		env["URLS_LOGIN"] = at.Issuer + "/oauthbench/login"
		env["URLS_CONSENT"] = at.Issuer + "/oauthbench/consent"
		if release.devices() {
			env["URLS_DEVICE_VERIFICATION"] = at.Issuer + "/oauthbench/device"
			env["URLS_DEVICE_SUCCESS"] = at.Issuer + "/oauthbench/device/done"
		}
		return env
	}
	return stack.Program{
		Image:    "oryd/hydra:" + s.Version,
		Settings: settings,
		Public:   publicPort,
		Admin:    adminPort,
		Health:   func(at stack.Site) string { return at.Admin + "/health/ready" },
		Metrics:  release.admin() + "/metrics/prometheus",
		Growth:   growth(release),
		Migrate: func(at stack.Site) []stack.Command {
			return []stack.Command{{Args: []string{"migrate", "sql", "--yes", "--read-from-env"}, Env: environment(at)}}
		},
		Serve: func(at stack.Site) stack.Command {
			return stack.Command{Args: release.arguments(), Env: environment(at)}
		},
		Upgrade:      upgradeOf(release, environment),
		Capabilities: release.capabilities(),
		OwnErrors:    release.ownErrors(),
		SetUp:        makeKeys,
		Endpoints:    func(at stack.Site) oauth.Endpoints { return endpoints(at, release) },
		Register: func(ctx context.Context, a *stack.Access, spec oauth.ClientSpec) (oauth.Credential, error) {
			return register(ctx, a, release, spec)
		},
		Introspection: func(context.Context, *stack.Access) (oauth.Credential, error) {
			return oauth.Credential{}, nil // the admin port asks for none
		},
		Authorize: func(ctx context.Context, at *stack.Access, b *stack.Browser, a oauth.Authorization) (*url.URL,
			error) {
			return authorize(ctx, at, b, a, release)
		},
		Return: func(ctx context.Context, at *stack.Access, b *stack.Browser, a oauth.Authorization) (string, error) {
			return logIn(ctx, at, b, a, release)
		},
		Consents: stack.Consents{
			Remember: func(ctx context.Context, at *stack.Access, b *stack.Browser, a oauth.Authorization) error {
				return remember(ctx, at, b, a, release)
			},
			Growth: func(client string, each, users int64) []stack.Growth {
				return consents(release, client, each, users)
			},
		},
		Approve: func(ctx context.Context, at *stack.Access, b *stack.Browser, a oauth.DeviceApproval) error {
			return approve(ctx, at, b, a, release)
		},
	}, nil
}

// dsnWithPool adds Hydra's own parameters for its connection pool.
func dsnWithPool(dsn *url.URL, pool string) string {
	with := *dsn
	if pool != "default" {
		with.RawQuery += "&max_conns=" + pool + "&max_idle_conns=" + pool
	}
	return with.String()
}

func endpoints(at stack.Site, release version) oauth.Endpoints {
	e := oauth.Endpoints{
		Issuer:        at.Issuer + "/",
		Authorization: at.Issuer + "/oauth2/auth",
		Token:         at.Issuer + "/oauth2/token",
		Introspection: at.Admin + release.admin() + "/oauth2/introspect",
		Revocation:    at.Issuer + "/oauth2/revoke",
		Userinfo:      at.Issuer + "/userinfo",
		JWKS:          at.Issuer + "/.well-known/jwks.json",
	}
	if release.devices() {
		e.DeviceAuthorization = at.Issuer + "/oauth2/device/auth"
	}
	return e
}
