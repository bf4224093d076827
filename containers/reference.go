package containers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

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

// passedOn are settings that the server itself reads, by the same names. What they may
// be is its business: internal/cli asks it before anything is started.
func passedOn() []Setting {
	var all []Setting
	for _, s := range [][2]string{
		{"refresh_grace", "how long a used refresh token works again"},
		{"fault.stall", ""}, {"fault.stall_once", ""}, {"fault.error_burst", ""}, {"fault.errors", ""},
		{"fault.delay", ""}, {"fault.delay_lognormal", ""}, {"fault.delay_every", ""}, {"fault.slowdown", ""},
		{"fault.inactive", ""}, {"fault.always_active", ""}, {"fault.wrong_scope", ""},
		{"fault.late_revocation", ""}, {"fault.lost_revocation", ""}, {"fault.revived", ""}, {"fault.seed", ""},
	} {
		all = append(all, Setting{
			Key: s[0], Summary: cmp.Or(s[1], "a planted fault"), Allowed: "what embedded allows",
			valid: func(v string) bool { return v != "" },
		})
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
	return program{
		image:    "localhost/oauthbench/reference:" + s.Version, // replaced by the one that is built
		build:    buildReference,
		settings: settings,
		public:   referencePublic,
		admin:    referenceAdmin,
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
		endpoints:     func(at site) oauth.Endpoints { return referenceEndpoints(at.issuer) },
		register:      registerReferenceClient,
		introspection: introspectReference,
		authorize:     authorizeReference,
	}, nil
}

func referenceEndpoints(issuer string) oauth.Endpoints {
	return oauth.Endpoints{
		Issuer: issuer, Authorization: issuer + "/oauth2/auth", Token: issuer + "/oauth2/token", Introspection: issuer + "/oauth2/introspect",
		Revocation: issuer + "/oauth2/revoke", JWKS: issuer + "/.well-known/jwks.json",
	}
}

func registerReferenceClient(ctx context.Context, s *Stack, spec oauth.ClientSpec) (oauth.Credential, error) {
	if spec.AccessTokenLifetime%time.Second != 0 {
		return oauth.Credential{}, fmt.Errorf("access token lifetime %s: use whole seconds", spec.AccessTokenLifetime)
	}
	ask := map[string]any{
		"client_name": spec.Name, "token_endpoint_auth_method": spec.AuthMethod, "grant_types": spec.GrantTypes, "scope": spec.Scope,
	}
	if spec.AccessTokenLifetime != 0 {
		ask["access_token_lifetime"] = int64(spec.AccessTokenLifetime / time.Second)
	}
	if slices.Contains(spec.GrantTypes, "authorization_code") {
		ask["redirect_uris"] = []string{CallbackURL}
	}
	var got struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	if err := s.call(ctx, http.MethodPost, s.site.admin+"/admin/clients", ask, &got); err != nil {
		return oauth.Credential{}, err
	}
	if got.ID == "" || got.Secret == "" {
		return oauth.Credential{}, errors.New("the answer names no client_id or no client_secret")
	}
	return oauth.Credential{Method: spec.AuthMethod, ClientID: got.ID, Secret: got.Secret}, nil
}

func introspectReference(ctx context.Context, s *Stack) (oauth.Credential, error) {
	var got struct {
		Token string `json:"token"`
	}
	if err := s.call(ctx, http.MethodGet, s.site.admin+"/admin/introspection-token", nil, &got); err != nil {
		return oauth.Credential{}, err
	}
	return oauth.Credential{Method: oauth.AuthBearer, Secret: got.Token}, nil
}

// authorizeReference answers for the login page through the admin interface.
func authorizeReference(ctx context.Context, s *Stack, b *browser, a Authorization) (string, error) {
	login, err := b.follow(ctx, a.url(s.Endpoints().Authorization))
	if err != nil {
		return "", err
	}
	var next struct {
		RedirectTo string `json:"redirect_to"`
	}
	accept := map[string]string{"id": login.Query().Get("id"), "subject": a.Subject}
	if err := s.call(ctx, http.MethodPost, s.site.admin+"/admin/login/accept", accept, &next); err != nil {
		return "", err
	}
	var back *url.URL
	if back, err = b.follow(ctx, next.RedirectTo); err != nil {
		return "", err
	}
	return back.String(), nil
}
