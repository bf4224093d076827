package reference

import (
	"github.com/oauthbench/oauthbench/containers/stack"
	"github.com/oauthbench/oauthbench/internal/authserver/settings"
)

// growth: times are microseconds since 1970, and a revoked token is marked.
func growth(generation string) []stack.Growth {
	tokens := map[string]string{
		"signature":  `encode(sha256((fill.mark || fill.n)::bytea), 'hex')`,
		"client_id":  stack.FillClient,
		"issued_at":  `(extract(epoch FROM now()) - fill.r * $seconds) * 1000000`,
		"expires_at": `(extract(epoch FROM now()) + (1 - fill.r) * $seconds) * 1000000`,
		"revoked_at": `CASE WHEN Random() < $revoked THEN extract(epoch FROM now()) * 1000000 END`,
	}
	table, sample := schema+".access_tokens", "client_id NOT LIKE 'fill-%'"
	if generation == settings.V1 {
		table, sample = schema+".tokens", "kind = 'access' AND client_id NOT LIKE 'fill-%'"
	}
	return []stack.Growth{
		{Table: schema + ".clients", Rows: stack.ClientRows, Sample: "id NOT LIKE 'fill-%'", Set: map[string]string{
			"id": `'fill-' || fill.mark || '-' || fill.n`,
		}},
		{Table: table, Rows: stack.TokenRows, Sample: sample, Set: tokens},
	}
}
