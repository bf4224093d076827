package targets

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"oauthbench/bench"
	"oauthbench/internal/oauth"
	"oauthbench/internal/plan"
)

var external = Kind{
	Name:     "external",
	Summary:  "a server that runs already, by the address of its issuer or by a block of the plan file",
	Versions: "a name in the plan's external block",
	Settings: strings.Join(plan.ExternalKeys, " "),
	Examples: []string{"https://issuer.example?scope=api", "external:production"},
	parse:    parseExternal,
}

// externalServer is a server that somebody else runs, with one client on it. Its
// credentials come from the environment and are never stored.
type externalServer struct {
	endpoints oauth.Endpoints
	client    oauth.Credential
	resource  oauth.Credential
	timeout   time.Duration // of each request that reads its metadata
	can       oauth.Capabilities
}

// Guest makes it a scenarios.Guest.
func (s *externalServer) Guest() {}

// Capabilities are known when it has been reached.
func (s *externalServer) Capabilities() oauth.Capabilities { return s.can }

func (s *externalServer) Endpoints() oauth.Endpoints { return s.endpoints }

// RegisterClient gives every scenario the one client there is.
func (s *externalServer) RegisterClient(_ context.Context, spec oauth.ClientSpec) (oauth.Credential, error) {
	if spec.AccessTokenLifetime > 0 {
		return oauth.Credential{}, fmt.Errorf("lifetime of an existing client: %w", errors.ErrUnsupported)
	}
	return s.client, nil
}

func (s *externalServer) IntrospectionCredential(context.Context) (oauth.Credential, error) {
	return s.resource, nil
}

// parseExternal understands https://issuer?key=value and external:name, whose keys
// are in the plan.
func parseExternal(text, version string, values url.Values, p plan.Plan) (Target, error) {
	if p.Dataset != "" {
		return Target{}, errors.New("dataset is for servers in containers: we do not fill a database that is not ours")
	}
	settings := map[string]string{}
	if strings.Contains(version, "://") {
		settings["issuer"] = version
	} else {
		block, ok := p.External[version]
		if !ok {
			return Target{}, fmt.Errorf("the plan has no external block %q", version)
		}
		for k, v := range block {
			settings[k] = v
		}
	}
	for k, v := range values {
		if err := plan.CheckExternal(k, v[0]); err != nil {
			return Target{}, err
		}
		settings[k] = v[0]
	}
	s := &externalServer{timeout: p.Timeout, endpoints: oauth.Endpoints{
		Issuer: settings["issuer"], Token: settings["token"], Introspection: settings["introspection"], Revocation: settings["revocation"],
	}}
	if s.endpoints.Issuer == "" && s.endpoints.Token == "" {
		return Target{}, errors.New("neither issuer nor token endpoint is given")
	}
	var err error
	if s.client, s.resource, err = externalCredentials(settings); err != nil {
		return Target{}, err
	}
	return Target{Start: func(ctx context.Context, _ func(string)) (*Deployment, error) { return s.reach(ctx, text, settings) }}, nil
}

// externalCredentials reads the client's secret, and the token for introspection if
// one is named, from the environment variables that the settings name.
func externalCredentials(settings map[string]string) (client, resource oauth.Credential, err error) {
	read := func(key, otherwise string) (string, error) {
		name := settings[key]
		if name == "" {
			name = otherwise
		}
		value := os.Getenv(name)
		if value == "" {
			return "", fmt.Errorf("environment variable %s is not set: it must hold the %s", name, strings.ReplaceAll(strings.TrimSuffix(key, "_env"), "_", " "))
		}
		return value, nil
	}
	client.Method = settings["auth"]
	if client.Method == "" {
		client.Method = oauth.AuthBasic
	}
	if client.ClientID, err = read("client_id_env", "OAUTHBENCH_CLIENT_ID"); err != nil {
		return client, resource, err
	}
	if client.Secret, err = read("client_secret_env", "OAUTHBENCH_CLIENT_SECRET"); err != nil {
		return client, resource, err
	}
	if settings["introspection_token_env"] == "" {
		return client, client, nil
	}
	resource.Method = oauth.AuthBearer
	resource.Secret, err = read("introspection_token_env", "")
	return client, resource, err
}

// reach fills in the endpoints that were not given by hand, by discovery, and learns
// what the server can do. No user can be played there, so that what needs one does not
// fit, whatever the metadata says.
func (s *externalServer) reach(ctx context.Context, text string, settings map[string]string) (*Deployment, error) {
	given := oauth.Metadata{Endpoints: s.endpoints, Grants: []string{string(oauth.GrantClientCredentials)}, AuthMethods: []string{s.client.Method}}
	if s.endpoints.Issuer != "" {
		found, err := oauth.DiscoverMetadata(ctx, &http.Client{Timeout: s.timeout}, s.endpoints.Issuer)
		if complete := s.endpoints.Token != "" && s.endpoints.Introspection != "" && s.endpoints.Revocation != ""; err != nil && !complete {
			return nil, err
		}
		for _, e := range []struct{ given, found *string }{
			{&s.endpoints.Token, &found.Token}, {&s.endpoints.Introspection, &found.Introspection}, {&s.endpoints.Revocation, &found.Revocation},
			{&s.endpoints.JWKS, &found.JWKS},
		} {
			if *e.given == "" {
				*e.given = *e.found
			}
		}
		given.Endpoints, given.Address = s.endpoints, found.Address
	}
	s.can = given.Capabilities()
	elsewhere := ""
	if base := settings["instance"]; base != "" {
		u, err := url.Parse(s.endpoints.Introspection)
		if err != nil {
			return nil, err
		}
		elsewhere = strings.TrimSuffix(base, "/") + u.RequestURI()
	}
	return &Deployment{
		Server:    s,
		Scope:     settings["scope"],
		Elsewhere: elsewhere,
		Notes: []string{
			"the server runs elsewhere: what it spends is not known, so other programs cannot be told from it, and it is not restarted between epochs",
		},
		Identity: bench.Deployment{Name: text, Server: "external", Settings: settings},
		Spent:    func() bench.Spending { return bench.Spending{} },
		Restart:  func(context.Context) error { return nil },
		Close:    func() error { return nil },
	}, nil
}
