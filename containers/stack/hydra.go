package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"oauthbench/internal/oauth"
)

// hydra is Ory Hydra. Its flags, admin paths and hasher changed with 2.0
// (UPGRADE.md and the configuration schemas of its repository); after 2.3 its
// versions are numbered by the year.
var hydra = Server{
	Name:    "hydra",
	Summary: "Ory Hydra 1.9 and later",
	Example: "hydra:v2.3.0",
	Settings: []Setting{
		oneOf("access_token", "kind of access token", "opaque", "opaque", "jwt"),
		oneOf("hasher", "of client secrets; 1.x has bcrypt only, 2.x uses pbkdf2 unless told", "", "bcrypt", "pbkdf2"),
		wholeNumber("bcrypt_cost", "log2 of the rounds; 10 unless told", "", 4, 31),
		wholeNumber("pbkdf2_iterations", "rounds; 25000 unless told", "", 1, 10_000_000),
		lifetime("access_ttl", "lifetime of access tokens; 1h unless told"),
		lifetime("refresh_ttl", "lifetime of refresh tokens; 720h unless told"),
		lifetime("refresh_grace", "how long a refresh token may be sent again after its use, from 2.3; 0s unless told"),
		wholeNumber("pool", "connections to the database, all of them kept open; default leaves it to Hydra", "20", 1, 150, "default"),
		imageSetting,
	},
	program: hydraProgram,
}

// hydraRelease is the first two numbers of a tag such as v2.3.0 or v26.2.0-alpine.
type hydraRelease struct{ major, minor int }

func parseHydraRelease(tag string) (hydraRelease, error) {
	var r hydraRelease
	parts := strings.SplitN(strings.TrimPrefix(tag, "v"), ".", 3)
	err := errors.New("too few numbers")
	if len(parts) > 1 {
		r.major, err = strconv.Atoi(parts[0])
	}
	if err == nil {
		r.minor, err = strconv.Atoi(parts[1])
	}
	if err != nil {
		return r, fmt.Errorf("tag %q does not begin with a version: write hydra:v2.3.0, and name the image with image= when its tag is another", tag)
	}
	if r.major < 1 || r.major == 1 && r.minor < 9 {
		return r, fmt.Errorf("version %s is too old: use v1.9.0 or later", tag)
	}
	return r, nil
}

// first tells whether it is a 1.x.
func (r hydraRelease) first() bool { return r.major == 1 }

// from tells whether it is this release or a later one.
func (r hydraRelease) from(major, minor int) bool {
	return r.major > major || r.major == major && r.minor >= minor
}

// capabilities are what the release can do. The JWT bearer grant came with 1.11, the
// device flow after 2.3 (CHANGELOG.md of its repository); a lifetime per client is of
// 2.x. It has no token exchange and no DPoP. Revoking a refresh token revokes the access
// tokens of its grant (TokenRevocationHandler of fosite), and introspection knows both.
func (r hydraRelease) capabilities() oauth.Capabilities {
	all := oauth.Capabilities{
		oauth.GrantClientCredentials, oauth.GrantRefreshToken, oauth.GrantAuthorizationCode,
		oauth.HasIntrospection, oauth.HasRevocation, oauth.HasUserinfo, oauth.HasJWKS, oauth.HasDiscovery,
		oauth.KillsAccessTokens, oauth.IntrospectsRefresh,
		oauth.AuthBasic, oauth.AuthPost, oauth.AuthNone, oauth.AuthPrivateKeyJWT,
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

// devices tells whether it has the device flow.
func (r hydraRelease) devices() bool { return r.from(2, 4) }

// admin is the path under which the admin interface has its resources.
func (r hydraRelease) admin() string {
	if r.first() {
		return ""
	}
	return "/admin"
}

// arguments run the server without TLS, which ends at a proxy in production.
func (r hydraRelease) arguments() []string {
	if r.first() {
		return []string{"serve", "all", "--dangerous-force-http"}
	}
	return []string{"serve", "all", "--dev"}
}

const (
	hydraPublic = 4444
	hydraAdmin  = 4445
)

// hydraVariables are the settings by the environment variables that carry them.
var hydraVariables = map[string]string{
	"access_token":      "STRATEGIES_ACCESS_TOKEN",
	"hasher":            "OAUTH2_HASHERS_ALGORITHM",
	"bcrypt_cost":       "OAUTH2_HASHERS_BCRYPT_COST",
	"pbkdf2_iterations": "OAUTH2_HASHERS_PBKDF2_ITERATIONS",
	"access_ttl":        "TTL_ACCESS_TOKEN",
	"refresh_ttl":       "TTL_REFRESH_TOKEN",
	"refresh_grace":     "OAUTH2_GRANT_REFRESH_TOKEN_ROTATION_GRACE_PERIOD",
}

func hydraProgram(s Spec, v values) (program, error) {
	release, err := parseHydraRelease(s.Version)
	if err != nil {
		return program{}, err
	}
	settings := map[string]string{"flags": strings.Join(release.arguments()[2:], " "), "pool": v["pool"]}
	if v["refresh_grace"] != "" && !release.from(2, 3) {
		return program{}, errors.New("refresh_grace: Hydra has it from 2.3")
	}
	for _, key := range []string{"access_token", "access_ttl", "refresh_ttl", "refresh_grace"} {
		if v[key] != "" {
			settings[key] = v[key]
		}
	}
	settings["hasher"] = v["hasher"]
	if release.first() && cmp.Or(v["hasher"], "bcrypt") != "bcrypt" {
		return program{}, fmt.Errorf("hasher=%q: Hydra 1.x has bcrypt only", v["hasher"])
	}
	switch {
	case release.first() || v["hasher"] == "bcrypt":
		settings["hasher"], settings["bcrypt_cost"] = "bcrypt", cmp.Or(v["bcrypt_cost"], "10")
		if v["pbkdf2_iterations"] != "" {
			return program{}, errors.New("pbkdf2_iterations has no effect with hasher=bcrypt: leave it out")
		}
	default:
		settings["hasher"], settings["pbkdf2_iterations"] = "pbkdf2", cmp.Or(v["pbkdf2_iterations"], "25000")
		if v["bcrypt_cost"] != "" {
			return program{}, errors.New("bcrypt_cost has no effect without hasher=bcrypt: add that, or leave it out")
		}
	}
	common := map[string]string{"SQA_OPT_OUT": "true"} // no telemetry
	for key, value := range settings {
		if name, ok := hydraVariables[key]; ok && !(release.first() && key == "hasher") {
			common[name] = value
		}
	}
	environment := func(at site) map[string]string {
		env := maps.Clone(common)
		env["DSN"] = hydraDSN(at.dsn, v["pool"])
		env["SECRETS_SYSTEM"] = at.secret
		env["URLS_SELF_ISSUER"] = at.issuer + "/"
		// Where a user would be sent. Nobody listens: the flows are driven through the
		// admin interface, which needs only the challenge in the URL.
		env["URLS_LOGIN"] = at.issuer + "/oauthbench/login"
		env["URLS_CONSENT"] = at.issuer + "/oauthbench/consent"
		if release.devices() {
			env["URLS_DEVICE_VERIFICATION"] = at.issuer + "/oauthbench/device"
			env["URLS_DEVICE_SUCCESS"] = at.issuer + "/oauthbench/device/done"
		}
		return env
	}
	reserved := []string{"DSN", "SECRETS_SYSTEM", "URLS_SELF_ISSUER", "URLS_LOGIN", "URLS_CONSENT", "URLS_DEVICE_VERIFICATION", "URLS_DEVICE_SUCCESS"}
	for name := range common {
		reserved = append(reserved, name)
	}
	return program{
		image:    "oryd/hydra:" + s.Version,
		settings: settings,
		public:   hydraPublic,
		admin:    hydraAdmin,
		health:   func(at site) string { return at.admin + "/health/ready" },
		metrics:  release.admin() + "/metrics/prometheus",
		reserved: reserved,
		grow:     hydraGrowth(release),
		migrate: func(at site) []command {
			return []command{{args: []string{"migrate", "sql", "--yes", "--read-from-env"}, env: environment(at)}}
		},
		serve:        func(at site) command { return command{args: release.arguments(), env: environment(at)} },
		capabilities: release.capabilities(),
		setUp: func(ctx context.Context, s *Stack) error {
			// The keys are made when somebody asks for them first, which takes seconds.
			return s.call(ctx, http.MethodGet, s.site.issuer+"/.well-known/jwks.json", nil, nil)
		},
		endpoints: func(at site) oauth.Endpoints {
			e := oauth.Endpoints{
				Issuer:        at.issuer + "/",
				Authorization: at.issuer + "/oauth2/auth",
				Token:         at.issuer + "/oauth2/token",
				Introspection: at.admin + release.admin() + "/oauth2/introspect",
				Revocation:    at.issuer + "/oauth2/revoke",
				Userinfo:      at.issuer + "/userinfo",
				JWKS:          at.issuer + "/.well-known/jwks.json",
			}
			if release.devices() {
				e.DeviceAuthorization = at.issuer + "/oauth2/device/auth"
			}
			return e
		},
		register: func(ctx context.Context, s *Stack, spec oauth.ClientSpec) (oauth.Credential, error) {
			return registerHydraClient(ctx, s, release, spec)
		},
		introspection: func(context.Context, *Stack) (oauth.Credential, error) {
			return oauth.Credential{}, nil // the admin port asks for none
		},
		authorize: func(ctx context.Context, s *Stack, b *browser, a oauth.Authorization) (string, error) {
			return authorizeHydra(ctx, s, b, a, release)
		},
		approve: func(ctx context.Context, s *Stack, b *browser, a oauth.DeviceApproval) error {
			return approveHydra(ctx, s, b, a, release)
		},
	}, nil
}

// hydraDSN adds Hydra's own parameters for its connection pool.
func hydraDSN(dsn *url.URL, pool string) string {
	with := *dsn
	if pool != "default" {
		with.RawQuery += "&max_conns=" + pool + "&max_idle_conns=" + pool
	}
	return with.String()
}
