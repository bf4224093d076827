package stack

// The rules by which each server's tables are multiplied. Ages are spread evenly over
// a token's lifetime, as under a steady load.

// FillClient is the id of the client that a copied token belongs to.
const FillClient = `'fill-' || fill.mark || '-' || (1 + fill.n % $clients)`

// hydraGrowth holds for 1.x and 2.x: what one of them lacks is left out. Hydra
// revokes an access token by deleting its row.
func hydraGrowth(release hydraRelease) []Growth {
	signature := `encode(sha384((fill.mark || fill.n)::bytea), 'hex')`
	pk := `gen_random_uuid()`
	if release.first() {
		signature = `translate(rtrim(encode(sha256((fill.mark || fill.n)::bytea), 'base64'), '='), '+/', '-_')`
		pk = Omitted // numbered by the database
	}
	return []Growth{
		{Table: "hydra_client", Rows: ClientRows, Sample: "id NOT LIKE 'fill-%'", Set: map[string]string{
			"id": `'fill-' || fill.mark || '-' || fill.n`, "pk": pk, "pk_deprecated": Omitted,
		}},
		{Table: "hydra_oauth2_access", Rows: TokenRows, Sample: "client_id NOT LIKE 'fill-%'", Set: map[string]string{
			"signature":    signature,
			"request_id":   `md5(fill.mark || 'r' || fill.n)::uuid::text`,
			"client_id":    FillClient,
			"requested_at": `timezone('utc', now()) - make_interval(secs => fill.r * $seconds)`,
			"expires_at":   `timezone('utc', now()) + make_interval(secs => (1 - fill.r) * $seconds)`,
		}, Revoke: `DELETE FROM hydra_oauth2_access WHERE client_id LIKE 'fill-' || $2::text || '-%' AND Random() < $1::float8`},
	}
}

// referenceGrowth: times are microseconds since 1970, and a revoked token is marked.
func referenceGrowth(generation string) []Growth {
	tokens := map[string]string{
		"signature":  `encode(sha256((fill.mark || fill.n)::bytea), 'hex')`,
		"client_id":  FillClient,
		"issued_at":  `(extract(epoch FROM now()) - fill.r * $seconds) * 1000000`,
		"expires_at": `(extract(epoch FROM now()) + (1 - fill.r) * $seconds) * 1000000`,
		"revoked_at": `CASE WHEN Random() < $revoked THEN extract(epoch FROM now()) * 1000000 END`,
	}
	table, sample := referenceSchema+".access_tokens", "client_id NOT LIKE 'fill-%'"
	if generation == "v1" {
		table, sample = referenceSchema+".tokens", "kind = 'access' AND client_id NOT LIKE 'fill-%'"
	}
	return []Growth{
		{Table: referenceSchema + ".clients", Rows: ClientRows, Sample: "id NOT LIKE 'fill-%'", Set: map[string]string{
			"id": `'fill-' || fill.mark || '-' || fill.n`,
		}},
		{Table: table, Rows: TokenRows, Sample: sample, Set: tokens},
	}
}

// glewlwydGrowth: a token is a row and one more for each of its scopes, which refers
// to it by number; a revoked token is disabled.
func glewlwydGrowth() []Growth {
	// Far from the numbers that the server itself gives, which go on from where they are.
	const (
		base   = `SELECT greatest(1000000000, max(gpoa_id)) FROM gpo_access_token`
		number = `$base + fill.n`
	)
	return []Growth{
		{Table: "g_client", Rows: ClientRows, Sample: "gc_client_id NOT LIKE 'fill-%'", Set: map[string]string{
			"gc_id": Omitted, "gc_client_id": `'fill-' || fill.mark || '-' || fill.n`,
		}},
		{Table: "gpo_access_token", Base: base, Rows: TokenRows, Sample: "gpoa_client_id NOT LIKE 'fill-%'", Set: map[string]string{
			"gpoa_id":         number,
			"gpoa_client_id":  FillClient,
			"gpoa_issued_at":  `now() - make_interval(secs => fill.r * $seconds)`,
			"gpoa_token_hash": `'{SHA512}' || translate(encode(sha512((fill.mark || fill.n)::bytea), 'base64'), E'\n', '')`,
			"gpoa_jti":        `md5(fill.mark || 'j' || fill.n)`,
			"gpoa_enabled":    `CASE WHEN Random() < $revoked THEN 0 ELSE 1 END`,
		}},
		{Table: "gpo_access_token_scope", Base: base, Rows: TokenRows, Sample: "gpoa_id < 1000000000", Set: map[string]string{
			"gpoas_id": Omitted, "gpoa_id": number,
		}},
	}
}
