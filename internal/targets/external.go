package targets

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/internal/oauth"
	"github.com/oauthbench/oauthbench/internal/plan"
)

var external = Kind{
	Name:     "external",
	Summary:  "a server that runs already, by the address of its issuer or by a block of the plan file",
	Versions: "a name in the plan's external block",
	Settings: externalSettings(),
	Examples: []string{"https://issuer.example?scope=api", "external:production"},
	parse:    parseExternal,
}

// externalServer is a server that somebody else runs, with one client on it. Its
// credentials come from the environment and are never stored.
type externalServer struct {
	settings  map[string]string
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

// errLimits refuses limits where they would limit nothing.
var errLimits = errors.New("cpus, cpuset and memory are limits of containers, and this server runs in none")

// parseExternal understands https://issuer?key=value and external:name, whose keys
// are in the plan.
func parseExternal(text, version string, values url.Values, p plan.Plan) (Target, error) {
	switch {
	case p.Dataset != "":
		return Target{}, errors.New("dataset is for servers in containers: we do not fill a database that is not ours")
	case len(p.Limits) > 0:
		return Target{}, errLimits
	case p.Replicas > 1:
		return Target{}, errors.New("replicas are started here, and this server runs already: leave them out")
	case p.Parameters.Clients > 1:
		return Target{}, errors.New("clients: a server that runs already has one client here, so that more cannot " +
			"be asked for")
	}
	settings := map[string]string{}
	if strings.Contains(version, "://") {
		if err := plan.CheckExternal("issuer", version); err != nil {
			return Target{}, err
		}
		settings["issuer"] = version
	} else {
		block, ok := p.External[version]
		if !ok {
			return Target{}, fmt.Errorf("the plan has no external block %q", version)
		}
		maps.Copy(settings, block)
	}
	for k, v := range values {
		if err := plan.CheckExternal(k, v[0]); err != nil {
			return Target{}, err
		}
		settings[k] = v[0]
	}
	issuer := oauth.CutWellKnown(settings["issuer"])
	s := &externalServer{settings: settings, timeout: p.Timeout, endpoints: oauth.Endpoints{
		Issuer: issuer, Token: settings["token"], Introspection: settings["introspection"],
		Revocation: settings["revocation"],
		JWKS:       settings["jwks"], TokenIssuer: settings["token_issuer"],
	}}
	if s.endpoints.Issuer == "" && s.endpoints.Token == "" {
		return Target{}, errors.New("neither issuer nor token endpoint is given")
	}
	if s.endpoints.Issuer == "" && (settings["metadata"] != "" || settings["connect"] != "") {
		return Target{}, errors.New("metadata and connect want the issuer, too")
	}
	var err error
	if s.client, s.resource, err = externalCredentials(settings, p.SecretsAllowed); err != nil {
		return Target{}, err
	}
	return Target{Start: func(ctx context.Context, _ func(string)) (*Deployment, error) { return s.reach(ctx, text) }},
		nil
}
