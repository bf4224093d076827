package stack

// The rules by which each server's tables are multiplied. Ages are spread evenly over
// a token's lifetime, as under a steady load.

// fillClient is the id of the client that a copied token belongs to.
const fillClient = `'fill-' || fill.mark || '-' || (1 + fill.n % $clients)`

// hydraGrowth holds for 1.x and 2.x: what one of them lacks is left out. Hydra
// revokes an access token by deleting its row.
func hydraGrowth(release hydraRelease) []growth {
	signature := `encode(sha384((fill.mark || fill.n)::bytea), 'hex')`
	pk := `gen_random_uuid()`
	if release.first() {
		signature = `translate(rtrim(encode(sha256((fill.mark || fill.n)::bytea), 'base64'), '='), '+/', '-_')`
		pk = omitted // numbered by the database
	}
	return []growth{
		{table: "hydra_client", of: clientRows, sample: "id NOT LIKE 'fill-%'", set: map[string]string{
			"id": `'fill-' || fill.mark || '-' || fill.n`, "pk": pk, "pk_deprecated": omitted,
		}},
		{table: "hydra_oauth2_access", of: tokenRows, sample: "client_id NOT LIKE 'fill-%'", set: map[string]string{
			"signature":    signature,
			"request_id":   `md5(fill.mark || 'r' || fill.n)::uuid::text`,
			"client_id":    fillClient,
			"requested_at": `timezone('utc', now()) - make_interval(secs => fill.r * $seconds)`,
			"expires_at":   `timezone('utc', now()) + make_interval(secs => (1 - fill.r) * $seconds)`,
		}, revoke: `DELETE FROM hydra_oauth2_access WHERE client_id LIKE 'fill-' || $2::text || '-%' AND random() < $1::float8`},
	}
}

// referenceGrowth: times are microseconds since 1970, and a revoked token is marked.
func referenceGrowth(generation string) []growth {
	tokens := map[string]string{
		"signature":  `encode(sha256((fill.mark || fill.n)::bytea), 'hex')`,
		"client_id":  fillClient,
		"issued_at":  `(extract(epoch FROM now()) - fill.r * $seconds) * 1000000`,
		"expires_at": `(extract(epoch FROM now()) + (1 - fill.r) * $seconds) * 1000000`,
		"revoked_at": `CASE WHEN random() < $revoked THEN extract(epoch FROM now()) * 1000000 END`,
	}
	table, sample := referenceSchema+".access_tokens", "client_id NOT LIKE 'fill-%'"
	if generation == "v1" {
		table, sample = referenceSchema+".tokens", "kind = 'access' AND client_id NOT LIKE 'fill-%'"
	}
	return []growth{
		{table: referenceSchema + ".clients", of: clientRows, sample: "id NOT LIKE 'fill-%'", set: map[string]string{
			"id": `'fill-' || fill.mark || '-' || fill.n`,
		}},
		{table: table, of: tokenRows, sample: sample, set: tokens},
	}
}

// glewlwydGrowth: a token is a row and one more for each of its scopes, which refers
// to it by number; a revoked token is disabled.
func glewlwydGrowth() []growth {
	// Far from the numbers that the server itself gives, which go on from where they are.
	const (
		base   = `SELECT greatest(1000000000, max(gpoa_id)) FROM gpo_access_token`
		number = `$base + fill.n`
	)
	return []growth{
		{table: "g_client", of: clientRows, sample: "gc_client_id NOT LIKE 'fill-%'", set: map[string]string{
			"gc_id": omitted, "gc_client_id": `'fill-' || fill.mark || '-' || fill.n`,
		}},
		{table: "gpo_access_token", base: base, of: tokenRows, sample: "gpoa_client_id NOT LIKE 'fill-%'", set: map[string]string{
			"gpoa_id":         number,
			"gpoa_client_id":  fillClient,
			"gpoa_issued_at":  `now() - make_interval(secs => fill.r * $seconds)`,
			"gpoa_token_hash": `'{SHA512}' || translate(encode(sha512((fill.mark || fill.n)::bytea), 'base64'), E'\n', '')`,
			"gpoa_jti":        `md5(fill.mark || 'j' || fill.n)`,
			"gpoa_enabled":    `CASE WHEN random() < $revoked THEN 0 ELSE 1 END`,
		}},
		{table: "gpo_access_token_scope", base: base, of: tokenRows, sample: "gpoa_id < 1000000000", set: map[string]string{
			"gpoas_id": omitted, "gpoa_id": number,
		}},
	}
}
