package plan

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"github.com/oauthbench/oauthbench/internal/nearest"
)

// ExternalKeys are what can be said of a server that runs already. Secrets are named
// by the environment variables that hold them.
var ExternalKeys = []string{
	"issuer", "metadata", "connect", "token", "introspection", "revocation", "jwks", "token_issuer", "auth", "scope",
	"instance", "pid",
	"client_id_env", "client_secret_env", "introspection_token_env",
	"introspection_auth", "introspection_client_id_env", "introspection_client_secret_env",
}

// CheckExternal checks one key of an external server.
func CheckExternal(key, value string) error {
	if !slices.Contains(ExternalKeys, key) {
		return fmt.Errorf("no setting %q: %s", key, nearest.Cure(key, ExternalKeys))
	}
	switch key {
	case "issuer", "metadata", "token", "introspection", "revocation", "jwks", "token_issuer", "instance":
		return checkAddress(key, value)
	case "pid":
		for _, text := range strings.Split(value, ",") {
			if n, err := strconv.Atoi(text); err != nil || n <= 1 {
				return fmt.Errorf("pid %q is not the number of a process, or several with commas between", value)
			}
		}
	case "connect":
		if host, port, err := net.SplitHostPort(value); err != nil || host == "" || port == "" {
			return fmt.Errorf("connect %q is not a host with a port, such as 10.0.0.7:8443", value)
		}
	case "auth", "introspection_auth":
		return oneOf("authentication", value, []string{"client_secret_basic", "client_secret_post"})
	case "client_id_env", "client_secret_env", "introspection_token_env", "introspection_client_id_env",
		"introspection_client_secret_env":
		if value == "" {
			return fmt.Errorf("%s is empty: name an environment variable", key)
		}
	}
	return nil
}

// checkAddress checks an address of a server. A password in it would be stored with the
// run, so that it is refused, and not repeated in the error either.
func checkAddress(key, value string) error {
	u, err := url.Parse(value)
	switch {
	case err == nil && u.User != nil || err != nil && strings.Contains(value, "@"):
		return fmt.Errorf("%s has a user's name or a password in its address, which would be stored: take it out", key)
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.Fragment != "":
		return fmt.Errorf("%s %q is not an address such as https://issuer.example", key, value)
	}
	return nil
}

// readExternal reads the plan file's block of servers that run already.
func (p *Plan) readExternal(path string, n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("%s:%d: external: want names with their settings", path, n.Line)
	}
	p.External = map[string]map[string]string{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, block := n.Content[i], n.Content[i+1]
		if block.Kind != yaml.MappingNode {
			return fmt.Errorf("%s:%d: external %s: want settings, such as issuer: https://issuer.example", path,
				name.Line, name.Value)
		}
		settings := map[string]string{}
		for k := 0; k+1 < len(block.Content); k += 2 {
			key, value := block.Content[k], block.Content[k+1]
			if value.Kind != yaml.ScalarNode {
				return fmt.Errorf("%s:%d: external %s: %s: want a plain value", path, value.Line, name.Value, key.Value)
			}
			if err := CheckExternal(key.Value, value.Value); err != nil {
				return fmt.Errorf("%s:%d: external %s: %w", path, key.Line, name.Value, err)
			}
			settings[key.Value] = value.Value
		}
		p.External[name.Value] = settings
	}
	return nil
}
