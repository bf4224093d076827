package reference

import (
	"context"
	"net/http"
	"net/url"

	"github.com/oauthbench/oauthbench/containers/stack"
	"github.com/oauthbench/oauthbench/internal/authserver/settings"
)

// upgradeOf says how a generation is replaced and replaces the one before.
func upgradeOf(set settings.Settings, version string) stack.Upgrade {
	return stack.Upgrade{
		// Every kind of token was a row of one table.
		Made: map[string]string{"access_tokens": "tokens", "refresh_tokens": "tokens", "grants": "tokens"},
		Migrate: func(at stack.Site) []stack.Command {
			args := []string{"serve", "--migrate-only", "--issuer", at.Issuer, "--schema", schema}
			for _, pair := range set.Assignments() {
				args = append(args, "--set", pair)
			}
			var dsn string
			if at.DSN != nil {
				dsn = at.DSN.String()
			}
			return []stack.Command{{Args: append(args, version),
				Env: map[string]string{settings.PostgresVariable: dsn}}}
		},
		CleanUp: func(ctx context.Context, a *stack.Access, _ func(context.Context, stack.Command) error) error {
			return a.Call(ctx, http.MethodPost, a.Admin+settings.CleanUpPath, "", nil, nil)
		},
		EndConsent: func(ctx context.Context, a *stack.Access, subject string) error {
			address := a.Admin + settings.ConsentsPath + "?" + url.Values{"subject": {subject}}.Encode()
			return a.Call(ctx, http.MethodDelete, address, "", nil, nil)
		},
	}
}
