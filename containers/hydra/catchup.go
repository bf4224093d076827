package hydra

import (
	"slices"
	"strings"

	"github.com/oauthbench/oauthbench/containers/stack"
)

// Tables that have tokens, in no order that a foreign key asks for.
var tokenTables = []string{"hydra_oauth2_code", "hydra_oauth2_oidc", "hydra_oauth2_pkce", "hydra_oauth2_access",
	"hydra_oauth2_refresh"}

// network is the one network of a database of 2.x.
const network = `(SELECT id FROM networks ORDER BY created_at LIMIT 1)`

// catchUp are the rows that a release wrote after the copy, as the rows of this one: clients first,
// then sessions, logins and tokens, for each refers to those before.
func catchUp(release version, from string) []stack.CatchUp {
	old, err := parseVersion(from)
	switch {
	case err != nil || release.first() && !old.first() || !release.first() && old.first() && release.major != 2:
		return nil
	case release.first() == old.first():
		return same(release)
	}
	return merged()
}

// same are the rows of a release that has the same tables.
func same(release version) []stack.CatchUp {
	logins, id := "hydra_oauth2_flow", "id, nid"
	if release.first() {
		logins, id = "hydra_oauth2_authentication_request", "id"
	}
	all := []stack.CatchUp{
		{Table: "hydra_client", Update: id,
			Query: `SELECT * FROM hydra_client WHERE created_at > $1::timestamp OR updated_at > $1::timestamp`},
		{Table: "hydra_oauth2_authentication_session", Query: `SELECT * FROM hydra_oauth2_authentication_session s
			WHERE EXISTS (SELECT FROM ` + logins +
			` l WHERE l.login_session_id = s.id AND l.requested_at > $1::timestamp)`},
	}
	tables := append([]string{"hydra_oauth2_flow"}, tokenTables...)
	if release.first() {
		tables = append([]string{logins, logins + "_handled", "hydra_oauth2_consent_request",
			"hydra_oauth2_consent_request_handled"}, tokenTables...)
	}
	for _, table := range tables {
		all = append(all, stack.CatchUp{Table: table,
			Query: `SELECT * FROM ` + table + ` WHERE requested_at > $1::timestamp`})
	}
	return all
}

// list is a column of 1.x that writes a|b, as JSON.
func list(column string) string {
	return `coalesce(to_jsonb(string_to_array(nullif(` + column + `, ''), '|')), '[]')`
}

// object is a column of 1.x that has a JSON object as text, or null.
func object(column string) string {
	return `coalesce(nullif(nullif(` + column + `, ''), 'null'), '{}')::jsonb`
}

// merged are the rows of 1.x as 2.x has them, with the state and the subject that its own
// migration would lose.
func merged() []stack.CatchUp {
	given := map[string]string{"nid": network}
	withKey := map[string]string{"nid": network, "pk": `gen_random_uuid()`}
	columns := []string{"c.*"}
	for _, column := range slices.Sorted(slices.Values(lists["hydra_client"])) {
		columns = append(columns, list("c."+column)+" AS "+column)
	}
	all := []stack.CatchUp{
		{Table: "hydra_client", Set: withKey, Update: "id, nid", Query: `SELECT ` + strings.Join(columns, ", ") +
			` FROM hydra_client c WHERE created_at > $1::timestamp OR updated_at > $1::timestamp`},
		{Table: "hydra_oauth2_authentication_session", Set: given, Query: `SELECT s.*
			FROM hydra_oauth2_authentication_session s WHERE EXISTS (SELECT FROM hydra_oauth2_authentication_request r
				WHERE r.login_session_id = s.id AND r.requested_at > $1::timestamp)`},
		// One whose consent was revoked stays as green has it: its code and tokens refer to that.
		{Table: "hydra_oauth2_flow", Set: given, Query: mergedLogins + ` AND c.challenge IS NULL`},
		{Table: "hydra_oauth2_flow", Set: given, Update: "login_challenge",
			Query: mergedLogins + ` AND c.challenge IS NOT NULL`},
	}
	for _, table := range tokenTables {
		all = append(all, stack.CatchUp{Table: table, Set: given, Query: `SELECT t.*, (SELECT c.challenge
			FROM hydra_oauth2_consent_request c
			JOIN hydra_oauth2_authentication_request r ON r.challenge = c.login_challenge
			WHERE c.challenge = t.challenge_id) AS challenge_id
			FROM ` + table + ` t WHERE requested_at > $1::timestamp`})
	}
	return all
}

// mergedLogins are the four rows of a login as one.
var mergedLogins = `SELECT r.challenge AS login_challenge, r.verifier AS login_verifier, r.csrf AS login_csrf,
	coalesce(nullif(h.subject, ''), nullif(c.subject, ''), r.subject) AS subject, r.request_url, r.skip AS login_skip,
	r.client_id, r.requested_at, r.authenticated_at AS login_initialized_at,
	` + object("r.oidc_context") + ` AS oidc_context, r.login_session_id,
	CASE WHEN h.error NOT IN ('{}', '') THEN 128 WHEN ch.error NOT IN ('{}', '') THEN 129 WHEN ch.was_used THEN 6
		WHEN ch.challenge IS NOT NULL THEN 5 WHEN c.challenge IS NOT NULL THEN 4 WHEN h.was_used THEN 3
		WHEN h.challenge IS NOT NULL THEN 2 ELSE 1 END AS state,
	coalesce(h.remember, false) AS login_remember, coalesce(h.remember_for, 0) AS login_remember_for,
	h.error AS login_error, coalesce(h.acr, '') AS acr, h.authenticated_at AS login_authenticated_at,
	coalesce(h.was_used, false) AS login_was_used,
	coalesce(c.forced_subject_identifier, h.forced_subject_identifier, '') AS forced_subject_identifier,
	` + object("h.context") + ` AS context, c.challenge AS consent_challenge_id,
	coalesce(c.skip, false) AS consent_skip, c.verifier AS consent_verifier, c.csrf AS consent_csrf,
	coalesce(ch.remember, false) AS consent_remember, coalesce(ch.remember_for, 0) AS consent_remember_for,
	ch.handled_at AS consent_handled_at, ch.error AS consent_error,
	` + object("ch.session_access_token") + ` AS session_access_token,
	` + object("ch.session_id_token") + ` AS session_id_token, coalesce(ch.was_used, false) AS consent_was_used,
	` + list("r.requested_scope") + ` AS requested_scope, ` + list("r.requested_at_audience") +
	` AS requested_at_audience,
	` + list("h.amr") + ` AS amr, ` + list("ch.granted_scope") + ` AS granted_scope,
	` + list("ch.granted_at_audience") + ` AS granted_at_audience
FROM hydra_oauth2_authentication_request r
LEFT JOIN hydra_oauth2_authentication_request_handled h ON h.challenge = r.challenge
LEFT JOIN hydra_oauth2_consent_request c ON c.login_challenge = r.challenge
LEFT JOIN hydra_oauth2_consent_request_handled ch ON ch.challenge = c.challenge
WHERE greatest(r.requested_at, h.requested_at, c.requested_at, ch.requested_at, ch.handled_at) > $1::timestamp`
