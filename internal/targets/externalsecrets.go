package targets

import (
	"cmp"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"unicode"

	"github.com/oauthbench/oauthbench/internal/oauth"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/internal/plan"
)

// ownVariables is how the environment variables begin that a plan may name without being
// allowed to: a plan says where secrets are sent, so that one of a stranger must not
// reach those of other programs.
const ownVariables = "OAUTHBENCH_"

// checkNamed fails when settings name a variable that they may not.
func checkNamed(settings map[string]string, allowed []string) error {
	for _, key := range plan.ExternalKeys {
		name := settings[key]
		if !strings.HasSuffix(key, "_env") || name == "" || strings.HasPrefix(name, ownVariables) ||
			slices.Contains(allowed, name) {
			continue
		}
		return fmt.Errorf("%s names the environment variable %s: only %s* may be sent to a server, and what the "+
			"command line allows (--allow-secret-env %s)",
			key, name, ownVariables, name)
	}
	return nil
}

// Variables are the environment variables that a plan's targets may name: those of its
// external block and of what is written behind a target's question mark.
func Variables(p plan.Plan) []string {
	var names []string
	add := func(key, name string) {
		if strings.HasSuffix(key, "_env") && name != "" {
			names = append(names, name)
		}
	}
	for _, block := range p.External {
		for key, name := range block {
			add(key, name)
		}
	}
	for _, text := range append([]string{p.Baseline, p.Candidate}, p.More...) {
		_, query, _ := strings.Cut(text, "?")
		values, _ := url.ParseQuery(query) // Parse says what is wrong with it.
		for key := range values {
			add(key, values.Get(key))
		}
	}
	return names
}

// UnsetError is an environment variable that holds nothing and must.
type UnsetError struct {
	Name string
	Hold string // what it must hold
}

func (e *UnsetError) Error() string {
	return fmt.Sprintf("environment variable %s is not set: it must hold the %s", e.Name, e.Hold)
}

// environment reads what the settings of an external server name.
type environment struct {
	settings map[string]string
	err      error // the first
}

// read is the variable that a setting names, or the one that it defaults to.
func (e *environment) read(key, otherwise string) string {
	name := cmp.Or(e.settings[key], otherwise)
	value := os.Getenv(name)
	fail := func(format string, args ...any) string {
		if e.err == nil {
			e.err = fmt.Errorf(format, args...)
		}
		return ""
	}
	switch {
	case value == "":
		return fail("%w", &UnsetError{name, strings.ReplaceAll(strings.TrimSuffix(key, "_env"), "_", " ")})
	case strings.ContainsFunc(value, unicode.IsControl):
		// RFC 6749 appendices A.1 and A.2 have printable characters alone; a line break at the
		// end is what reading a file into a variable leaves.
		return fail("environment variable %s holds a line break or another control character, which no client has "+
			"(RFC 6749 appendix A)", name)
	}
	if key != "client_id_env" {
		plaintext.Secrets.Add(value)
	}
	return value
}

// externalCredentials reads the client's secret, and what introspection is authorized by
// if it is something else, from the environment variables that the settings name.
func externalCredentials(settings map[string]string, allowed []string) (client, resource oauth.Credential, err error) {
	if err := checkNamed(settings, allowed); err != nil {
		return client, resource, err
	}
	e := &environment{settings: settings}
	client = oauth.Credential{
		Method:   cmp.Or(settings["auth"], oauth.AuthBasic),
		ClientID: e.read("client_id_env", "OAUTHBENCH_CLIENT_ID"),
		Secret:   e.read("client_secret_env", "OAUTHBENCH_CLIENT_SECRET"),
	}
	switch resource = client; {
	case settings["introspection_token_env"] != "":
		resource = oauth.Credential{Method: oauth.AuthBearer, Secret: e.read("introspection_token_env", "")}
	case settings["introspection_client_id_env"] != "":
		resource = oauth.Credential{
			Method:   cmp.Or(settings["introspection_auth"], client.Method),
			ClientID: e.read("introspection_client_id_env", ""), Secret: e.read("introspection_client_secret_env", ""),
		}
	}
	return client, resource, e.err
}

// blanks warns of white space around a secret, once.
func blanks(credentials ...oauth.Credential) []string {
	for _, c := range credentials {
		if blank := c.Blank(""); blank != "" {
			return []string{blank}
		}
	}
	return nil
}
