package containers

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
	"time"

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
}

func hydraProgram(s Spec, v values) (program, error) {
	release, err := parseHydraRelease(s.Version)
	if err != nil {
		return program{}, err
	}
	settings := map[string]string{"flags": strings.Join(release.arguments()[2:], " "), "pool": v["pool"]}
	for _, key := range []string{"access_token", "access_ttl", "refresh_ttl"} {
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
		return env
	}
	reserved := []string{"DSN", "SECRETS_SYSTEM", "URLS_SELF_ISSUER", "URLS_LOGIN", "URLS_CONSENT"}
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
		serve: func(at site) command { return command{args: release.arguments(), env: environment(at)} },
		endpoints: func(at site) oauth.Endpoints {
			return oauth.Endpoints{
				Issuer:        at.issuer + "/",
				Authorization: at.issuer + "/oauth2/auth",
				Token:         at.issuer + "/oauth2/token",
				Introspection: at.admin + release.admin() + "/oauth2/introspect",
				Revocation:    at.issuer + "/oauth2/revoke",
				Userinfo:      at.issuer + "/userinfo",
				JWKS:          at.issuer + "/.well-known/jwks.json",
			}
		},
		register: func(ctx context.Context, s *Stack, spec oauth.ClientSpec) (oauth.Credential, error) {
			return registerHydraClient(ctx, s, release, spec)
		},
		introspection: func(context.Context, *Stack) (oauth.Credential, error) {
			return oauth.Credential{}, nil // the admin port asks for none
		},
		authorize: func(ctx context.Context, s *Stack, b *browser, a Authorization) (string, error) {
			return authorizeHydra(ctx, s, b, a, s.site.admin+release.admin()+"/oauth2/auth/requests/")
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

// hydraClient is what we say and hear of a client.
type hydraClient struct {
	ID            string   `json:"client_id,omitempty"`
	Secret        string   `json:"client_secret,omitempty"`
	Name          string   `json:"client_name,omitempty"`
	GrantTypes    []string `json:"grant_types,omitempty"`
	ResponseTypes []string `json:"response_types,omitempty"`
	RedirectURIs  []string `json:"redirect_uris,omitempty"`
	Scope         string   `json:"scope,omitempty"`
	AuthMethod    string   `json:"token_endpoint_auth_method,omitempty"`
	// Lifetimes by grant, since 2.0.
	ClientCredentialsTTL string `json:"client_credentials_grant_access_token_lifespan,omitempty"`
	RefreshTTL           string `json:"refresh_token_grant_access_token_lifespan,omitempty"`
	CodeTTL              string `json:"authorization_code_grant_access_token_lifespan,omitempty"`
}

func registerHydraClient(ctx context.Context, s *Stack, release hydraRelease, spec oauth.ClientSpec) (oauth.Credential, error) {
	ask := hydraClient{Name: spec.Name, GrantTypes: spec.GrantTypes, Scope: spec.Scope, AuthMethod: spec.AuthMethod}
	for _, grant := range spec.GrantTypes {
		if grant == "authorization_code" {
			ask.ResponseTypes, ask.RedirectURIs = []string{"code"}, []string{CallbackURL}
		}
	}
	if ttl := spec.AccessTokenLifetime; ttl != 0 {
		if release.first() {
			return oauth.Credential{}, fmt.Errorf("access token lifetime %s of one client: Hydra 1.x has one for all, set with access_ttl=%s: %w", ttl, ttl, errors.ErrUnsupported)
		}
		text := ttl.Round(time.Second).String()
		ask.ClientCredentialsTTL, ask.RefreshTTL, ask.CodeTTL = text, text, text
	}
	var got hydraClient
	if err := s.call(ctx, http.MethodPost, s.site.admin+release.admin()+"/clients", ask, &got); err != nil {
		return oauth.Credential{}, err
	}
	if got.ID == "" || got.Secret == "" {
		return oauth.Credential{}, errors.New("the answer of Hydra names no client_id or no client_secret")
	}
	return oauth.Credential{Method: spec.AuthMethod, ClientID: got.ID, Secret: got.Secret}, nil
}

// authorizeHydra answers for the login and the consent application, which Hydra
// leaves to others, through the admin interface.
func authorizeHydra(ctx context.Context, s *Stack, b *browser, a Authorization, requests string) (string, error) {
	at, err := b.follow(ctx, a.url(s.Endpoints().Authorization))
	if err != nil {
		return "", err
	}
	answers := []struct {
		challenge, path string
		body            any
	}{
		{"login_challenge", "login/accept", map[string]any{"subject": a.Subject}},
		{"consent_challenge", "consent/accept", map[string]any{"grant_scope": strings.Fields(a.Scope)}},
	}
	for _, answer := range answers {
		challenge := at.Query().Get(answer.challenge)
		if challenge == "" {
			return "", fmt.Errorf("redirect of Hydra without %s: %s", answer.challenge, at.Query().Get("error_description"))
		}
		var next struct {
			RedirectTo string `json:"redirect_to"`
		}
		accept := requests + answer.path + "?" + url.Values{answer.challenge: {challenge}}.Encode()
		if err := s.call(ctx, http.MethodPut, accept, answer.body, &next); err != nil {
			return "", err
		}
		if at, err = b.follow(ctx, next.RedirectTo); err != nil {
			return "", err
		}
	}
	return at.String(), nil
}
