package glewlwyd

import "github.com/oauthbench/oauthbench/containers/stack"

// growth: a token is a row and one more for each of its scopes, which refers
// to it by number; a revoked token is disabled.
func growth() []stack.Growth {
	// Far from the numbers that the server itself gives, which go on from where they are.
	const (
		base   = `SELECT greatest(1000000000, max(gpoa_id)) FROM gpo_access_token`
		number = `$base + fill.n`
	)
	return []stack.Growth{
		{Table: "g_client", Rows: stack.ClientRows, Sample: "gc_client_id NOT LIKE 'fill-%'", Set: map[string]string{
			"gc_id": stack.Omitted, "gc_client_id": `'fill-' || fill.mark || '-' || fill.n`,
		}},
		{Table: "gpo_access_token", Base: base, Rows: stack.TokenRows, Sample: "gpoa_client_id NOT LIKE 'fill-%'",
			Set: map[string]string{
				"gpoa_id":        number,
				"gpoa_client_id": stack.FillClient,
				"gpoa_issued_at": `now() - make_interval(secs => fill.r * $seconds)`,
				"gpoa_token_hash": `'{SHA512}' || translate(encode(sha512((fill.mark || fill.n)::bytea), ` +
					`'base64'), E'\n', '')`,
				"gpoa_jti":     `md5(fill.mark || 'j' || fill.n)`,
				"gpoa_enabled": `CASE WHEN Random() < $revoked THEN 0 ELSE 1 END`,
			}},
		{Table: "gpo_access_token_scope", Base: base, Rows: stack.TokenRows, Sample: "gpoa_id < 1000000000",
			Set: map[string]string{
				"gpoas_id": stack.Omitted, "gpoa_id": number,
			}},
	}
}
