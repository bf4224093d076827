package rehearse

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"oauthbench/internal/authserver/settings"
)

// ParseEmbedded reads a target that must be the embedded server, for the flag named in errors.
func ParseEmbedded(flag, text string) (settings.Settings, error) {
	name, rest, _ := strings.Cut(text, ":")
	version, query, _ := strings.Cut(rest, "?")
	if name != "embedded" {
		return settings.Settings{}, fmt.Errorf("%s %q: so far only embedded:v1 and embedded:v2 can be rehearsed", flag,
			text)
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return settings.Settings{}, fmt.Errorf("%s %q: %w", flag, text, err)
	}
	s, err := settings.Parse(version, values)
	if err == nil && (s.Database != settings.SQLite || s.Tokens != settings.TokensOpaque) {
		err = errors.New("a rehearsal needs db=sqlite and tokens=opaque")
	}
	if err != nil {
		return s, fmt.Errorf("%s %q: %w", flag, text, err)
	}
	return s, nil
}
