package hydra

import "github.com/oauthbench/oauthbench/containers/stack"

// growth holds for 1.x and 2.x: what one of them lacks is left out. Hydra
// revokes an access token by deleting its row.
func growth(release version) []stack.Growth {
	signature := `encode(sha384((fill.mark || fill.n)::bytea), 'hex')`
	pk := `gen_random_uuid()`
	if release.first() {
		signature = `translate(rtrim(encode(sha256((fill.mark || fill.n)::bytea), 'base64'), '='), '+/', '-_')`
		pk = stack.Omitted // numbered by the database
	}
	return []stack.Growth{
		{Table: "hydra_client", Rows: stack.ClientRows, Sample: "id NOT LIKE 'fill-%'", Set: map[string]string{
			"id": `'fill-' || fill.mark || '-' || fill.n`, "pk": pk, "pk_deprecated": stack.Omitted,
		}},
		{Table: "hydra_oauth2_access", Rows: stack.TokenRows,
			Sample: "client_id NOT LIKE 'fill-%' AND challenge_id IS NULL",
			Set: map[string]string{
				"signature":    signature,
				"request_id":   `md5(fill.mark || 'r' || fill.n)::uuid::text`,
				"client_id":    stack.FillClient,
				"requested_at": `timezone('utc', now()) - make_interval(secs => fill.r * $seconds)`,
				"expires_at":   `timezone('utc', now()) + make_interval(secs => (1 - fill.r) * $seconds)`,
			}, Revoke: `DELETE FROM hydra_oauth2_access WHERE client_id LIKE 'fill-' || $2::text || '-%' AND ` +
				`Random() < $1::float8`},
	}
}
