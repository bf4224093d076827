package hydra

import (
	"maps"

	"github.com/oauthbench/oauthbench/containers/stack"
)

// chain is how many refresh tokens a filled grant has, of which the last is live.
const chain = 3

// Expressions of one filled grant: of its number, and of a row of its chain.
const (
	grantNumber = `fill.n`
	chainNumber = `(1 + (fill.n - 1) / 3)`
)

// grants multiply whole grants as the server writes them: a login session, the login and
// the consent, a code, an OpenID row, an access token and a chain of refresh tokens.
func grants(release version) []stack.Growth {
	id := func(letter, number string) string { return `md5(fill.mark || '` + letter + `' || ` + number + `)` }
	subject := func(number string) string { return `'user-' || fill.mark || '-' || ` + number }
	age := `timezone('utc', now()) - make_interval(secs => fill.r * $seconds)`
	token := func(number string) map[string]string {
		return map[string]string{
			"request_id": id("q", number), "challenge_id": id("q", number), "subject": subject(number),
			"requested_at": age, "expires_at": "NULL",
		}
	}
	with := func(base map[string]string, more map[string]string) map[string]string {
		all := maps.Clone(base)
		maps.Copy(all, more)
		return all
	}
	raw := func(letter string) string {
		return `translate(rtrim(encode(sha256((fill.mark || '` + letter + `' || fill.n)::bytea), 'base64'), '='),
			'+/', '-_')`
	}
	access := raw("a")
	if !release.first() {
		access = `encode(sha384((fill.mark || 'a' || fill.n)::bytea), 'hex')`
	}
	session := stack.Growth{Table: "hydra_oauth2_authentication_session", Rows: stack.GrantRows, Set: map[string]string{
		"id": id("s", grantNumber), "subject": subject(grantNumber)}}
	tokens := []stack.Growth{
		{Table: "hydra_oauth2_oidc", Rows: stack.GrantRows, Sample: "challenge_id IS NOT NULL",
			Set: with(token(grantNumber), map[string]string{"signature": raw("c")})},
		{Table: "hydra_oauth2_code", Rows: stack.GrantRows, Sample: "challenge_id IS NOT NULL",
			Set: with(token(grantNumber), map[string]string{"signature": raw("c"), "active": "false"})},
		{Table: "hydra_oauth2_access", Rows: stack.GrantRows, Sample: "challenge_id IS NOT NULL",
			Set: with(token(grantNumber), map[string]string{"signature": access})},
		{Table: "hydra_oauth2_refresh", Rows: func(d stack.Dataset) int64 { return chain * d.Grants },
			Sample: "challenge_id IS NOT NULL", Set: with(token(chainNumber), map[string]string{
				"signature": raw("r"), "active": `fill.n % 3 = 0`, "first_used_at": "NULL",
				"access_token_signature": "NULL"})},
	}
	if release.first() {
		return append([]stack.Growth{
			session,
			{Table: "hydra_oauth2_authentication_request", Rows: stack.GrantRows, Set: map[string]string{
				"challenge": id("l", grantNumber), "verifier": id("v", grantNumber),
				"login_session_id": id("s", grantNumber), "requested_at": age}},
			{Table: "hydra_oauth2_authentication_request_handled", Rows: stack.GrantRows, Set: map[string]string{
				"challenge": id("l", grantNumber), "subject": subject(grantNumber), "requested_at": age}},
			{Table: "hydra_oauth2_consent_request", Rows: stack.GrantRows, Set: map[string]string{
				"challenge": id("q", grantNumber), "verifier": id("w", grantNumber), "subject": subject(grantNumber),
				"login_session_id": id("s", grantNumber), "login_challenge": id("l", grantNumber),
				"requested_at": age}},
			{Table: "hydra_oauth2_consent_request_handled", Rows: stack.GrantRows, Set: map[string]string{
				"challenge": id("q", grantNumber), "requested_at": age}},
		}, tokens...)
	}
	return append([]stack.Growth{
		session,
		{Table: "hydra_oauth2_flow", Rows: stack.GrantRows, Sample: "consent_challenge_id IS NOT NULL",
			Set: map[string]string{
				"login_challenge": id("l", grantNumber), "login_verifier": id("v", grantNumber),
				"login_csrf":           id("x", grantNumber),
				"consent_challenge_id": id("q", grantNumber), "consent_verifier": id("w", grantNumber),
				"subject":          subject(grantNumber),
				"login_session_id": id("s", grantNumber), "requested_at": age}},
	}, tokens...)
}
