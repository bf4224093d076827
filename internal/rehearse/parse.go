package rehearse

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/plaintext"
)

// embeddedTarget tells whether a target is the embedded server.
func embeddedTarget(text string) bool {
	name, _, _ := strings.Cut(text, ":")
	return name == "embedded"
}

// parseEmbedded reads a target that is the embedded server, for the flag named in errors.
func parseEmbedded(flag, text string) (settings.Settings, error) {
	_, rest, _ := strings.Cut(text, ":")
	version, query, _ := strings.Cut(rest, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return settings.Settings{}, fmt.Errorf("%s %q: %w", flag, plaintext.Target(text), err)
	}
	s, err := settings.Parse(version, values)
	if err == nil && (s.Database != settings.SQLite || s.Tokens != settings.TokensOpaque) {
		err = errors.New("a rehearsal needs db=sqlite and tokens=opaque")
	}
	if err != nil {
		return s, fmt.Errorf("%s %q: %w", flag, plaintext.Target(text), err)
	}
	return s, nil
}
