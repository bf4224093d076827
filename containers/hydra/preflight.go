package hydra

import (
	"strings"

	"github.com/oauthbench/oauthbench/containers/stack"
)

// lists are the columns that 1.x writes as a|b and 2.x reads as JSON.
var lists = map[string][]string{
	"hydra_client": {"redirect_uris", "grant_types", "response_types", "audience", "post_logout_redirect_uris",
		"allowed_cors_origins", "contacts", "request_uris"},
	"hydra_oauth2_authentication_request":         {"requested_scope", "requested_at_audience"},
	"hydra_oauth2_authentication_request_handled": {"amr"},
	"hydra_oauth2_consent_request_handled":        {"granted_scope", "granted_at_audience"},
}

// unquotable counts rows with a character in a list that JSON takes in another way than the list does.
func unquotable(table string) string {
	var any []string
	for _, column := range lists[table] {
		any = append(any, column+` ~ '["\\[:cntrl:]]'`)
	}
	return "SELECT count(*) FILTER (WHERE " + strings.Join(any, " OR ") + "), count(*) FROM " + table
}

// isJSON makes a function that lasts as long as its session and tries the cast that the migration does: what jsonb
// takes is not told by the look of a text (a lone quotation mark, \u0000, a number beyond all bounds).
const isJSON = `CREATE FUNCTION pg_temp.is_json(t text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
	BEGIN PERFORM t::jsonb; RETURN true; EXCEPTION WHEN others THEN RETURN false; END $$`

// noJSON is a condition for a text that isJSON's function does not take.
func noJSON(column string) string {
	return column + ` IS NOT NULL AND ` + column + ` <> '{}' AND NOT pg_temp.is_json(` + column + `)`
}

// clientsOf are the clients that rows of tables are of.
func clientsOf(tables []string) string {
	var all []string
	for _, table := range tables {
		all = append(all, "SELECT client_id FROM "+table)
	}
	return strings.Join(all, " UNION ALL ")
}

// others counts what others have made that needs Hydra's tables: views, and foreign keys of tables of their own.
const others = `WITH own AS (SELECT oid FROM pg_class WHERE relkind = 'r' AND relname LIKE 'hydra\_%'
		AND relnamespace = current_schema()::regnamespace)
SELECT count(*) FILTER (WHERE needs), count(*) FROM (
	SELECT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
		AND d.refclassid = 'pg_class'::regclass AND d.refobjid IN (SELECT oid FROM own)) AS needs
	FROM pg_rewrite r JOIN pg_class v ON v.oid = r.ev_class JOIN pg_namespace n ON n.oid = v.relnamespace
	WHERE v.relkind IN ('v', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
	UNION ALL SELECT confrelid IN (SELECT oid FROM own) AND conrelid NOT IN (SELECT oid FROM own)
	FROM pg_constraint WHERE contype = 'f') o`

// preflight is what the migration from 1.x to 2.x does with rows; between others nothing is
// known to be lost.
func preflight(from version, to string) []stack.RowCheck {
	next, err := parseVersion(to)
	if err != nil || !from.first() || next.first() {
		return nil
	}
	const correct = "correct them in the copy with --before-migrate FILE.sql"
	const halfWay = "make the migration fail half-way, after all rows were rewritten (invalid input syntax for type " +
		"json), or have their list changed"
	const joined = ` FROM hydra_oauth2_authentication_request r
		LEFT JOIN hydra_oauth2_authentication_request_handled h ON h.challenge = r.challenge
		LEFT JOIN hydra_oauth2_consent_request c ON c.login_challenge = r.challenge
		LEFT JOIN hydra_oauth2_consent_request_handled ch ON ch.challenge = c.challenge`
	return []stack.RowCheck{
		{Name: "handled logins", Query: `SELECT count(*) FILTER (WHERE error IN ('{}', '')), count(*)
			FROM hydra_oauth2_authentication_request_handled`,
			Means: "are marked as failed logins (state 128), for 1.x stores '{}' where the migration asks for NULL: " +
				"remembered consents are forgotten, and the janitor deletes the sessions with their tokens",
			Cure: "run the repair on the migrated copy with --after-migrate, and no janitor before it"},
		{Name: "logins without a subject", Query: `SELECT count(*) FILTER (WHERE r.subject = ''), count(*)
			FROM hydra_oauth2_authentication_request r JOIN hydra_oauth2_authentication_request_handled h USING
				(challenge)`,
			Means: "lose their user, whom the migration takes from the request: revoking a user's consent finds " +
				"nothing",
			Cure: "run the repair on the migrated copy with --after-migrate; or, which needs no tokens, run this on " +
				"the copy with --before-migrate: UPDATE hydra_oauth2_authentication_request r SET subject " +
				"= h.subject " +
				"FROM hydra_oauth2_authentication_request_handled h WHERE h.challenge = r.challenge AND " +
				"r.subject = ''"},
		{Name: "tokens without their consent", Query: `SELECT count(*) FILTER (WHERE h.challenge IS NULL), count(*)
			FROM (SELECT challenge_id FROM hydra_oauth2_access
				UNION ALL SELECT challenge_id FROM hydra_oauth2_refresh) t
			LEFT JOIN hydra_oauth2_consent_request_handled h ON h.challenge = t.challenge_id WHERE t.challenge_id
				IS NOT NULL`,
			Means: "live on, bound to no consent; 2.0.0 to 2.0.2 fail on them (hydra_oauth2_access_challenge_id_fk)",
			Cure:  "revoke them, or give them their consent back"},
		{Name: "consents without their login", Query: `SELECT count(*) FILTER (WHERE r.challenge IS NULL), count(*)
			FROM hydra_oauth2_consent_request c
			LEFT JOIN hydra_oauth2_authentication_request r ON r.challenge = c.login_challenge`,
			Means: "are dropped without a word, and their tokens are bound to no consent any more",
			Cure:  "they cannot be revoked by user afterwards: revoke them before"},
		{Name: "handled consents without their request", Query: `SELECT count(*) FILTER (WHERE c.challenge IS NULL),
			count(*) FROM hydra_oauth2_consent_request_handled h
			LEFT JOIN hydra_oauth2_consent_request c ON c.challenge = h.challenge`,
			Means: "are dropped without a word, and their tokens are bound to no consent any more",
			Cure:  "they cannot be revoked by user afterwards: revoke them before"},
		{Name: "refused consents with a long reason", Query: `SELECT count(*) FILTER (WHERE octet_length(error) > 2000),
			count(*) FROM hydra_oauth2_consent_request_handled`,
			Means: "may make the migration fail at 20230606, for their reason becomes part of an index, of " +
				"whose rows " +
				"none is longer than 2,704 bytes (hydra_oauth2_flow_previous_consents_idx)", Cure: correct},
		{Name: "logins with two consents", Query: `SELECT coalesce(sum(n) FILTER (WHERE n > 1), 0)::bigint,
			coalesce(sum(n), 0)::bigint FROM (SELECT count(*) AS n FROM hydra_oauth2_consent_request
			WHERE login_challenge IS NOT NULL GROUP BY login_challenge) l`,
			Means: "make the migration fail at 20211019: could not create unique index " +
				"hydra_oauth2_flow_login_verifier_idx",
			Cure: "delete all but the last consent of each login, or " + correct},
		{Name: "clients with a quotation mark or backslash in a list", Query: unquotable("hydra_client"),
			Means: "make the migration fail half-way at 20220513 (invalid input syntax for type json), or have their " +
				"list changed", Cure: correct},
		{Name: "login requests with a quotation mark or backslash in a list",
			Query: unquotable("hydra_oauth2_authentication_request"), Means: halfWay, Cure: correct},
		{Name: "logins with a quotation mark or backslash in a list",
			Query: unquotable("hydra_oauth2_authentication_request_handled"), Means: halfWay, Cure: correct},
		{Name: "consents with a quotation mark or backslash in a list",
			Query: unquotable("hydra_oauth2_consent_request_handled"), Means: halfWay, Cure: correct},
		{Name: "logins and consents with a text that is no JSON", Before: isJSON, Query: `SELECT count(*) FILTER (WHERE
			` + noJSON("r.oidc_context") + ` OR ` + noJSON("h.context") + ` OR ` + noJSON("ch.session_access_token") +
			` OR ` + noJSON("ch.session_id_token") + `), count(*)` + joined,
			Means: "make the migration fail at 20211019: invalid input syntax for type json", Cure: correct},
		{Name: "consents asked for by a login that was never handled", Query: `SELECT count(*) FILTER (WHERE
			h.challenge IS NULL AND c.challenge IS NOT NULL AND ch.challenge IS NULL), count(*)` + joined,
			Means: "make the migration fail at 20211019: hydra_oauth2_flow_check is violated",
			Cure:  "delete such logins, as somebody has deleted what became of them, or " + correct},
		{Name: "consents given after a login that was never handled", Query: `SELECT count(*) FILTER (WHERE
			h.challenge IS NULL AND ch.challenge IS NOT NULL), count(*)` + joined,
			Means: "are marked as failed consents (state 129), and forgotten",
			Cure:  "run the repair on the migrated copy with --after-migrate, and no janitor before it"},
		{Name: "logins whose client or session is gone", Query: `SELECT count(*) FILTER (WHERE NOT EXISTS (SELECT FROM
			hydra_client x WHERE x.id = r.client_id) OR r.login_session_id IS NOT NULL AND NOT EXISTS (SELECT FROM
			hydra_oauth2_authentication_session x WHERE x.id = r.login_session_id)), count(*)
			FROM hydra_oauth2_authentication_request r`,
			Means: "make the migration fail at 20211019: a foreign key of hydra_oauth2_flow is violated",
			Cure:  "delete them, or " + correct},
		{Name: "tokens and logouts whose client is gone",
			Query: `SELECT count(*) FILTER (WHERE NOT EXISTS (SELECT FROM hydra_client x
			WHERE x.id = t.client_id)), count(*) FROM (` + clientsOf(append([]string{"hydra_oauth2_logout_request",
				"hydra_oauth2_obfuscated_authentication_session"}, tokenTables...)) + `) t
			WHERE client_id IS NOT NULL`,
			Means: "make the migration fail at 20220210: a foreign key to hydra_client is violated",
			Cure:  "delete them, or " + correct},
		{Name: "trusted issuers whose key is gone", Query: `SELECT count(*) FILTER (WHERE NOT EXISTS (SELECT
			FROM hydra_jwk k WHERE k.sid = i.key_set AND k.kid = i.key_id)), count(*)
			FROM hydra_oauth2_trusted_jwt_bearer_issuer i`,
			Means: "make the migration fail at 20220210: their foreign key to hydra_jwk is violated",
			Cure:  "delete them, for no assertion of theirs can be verified, or " + correct},
		{Name: "views and foreign keys of others on these tables", Query: others,
			Means: "make the migration fail where it drops what they need (cannot drop ... because other objects " +
				"depend on it), or are dropped with it without a word",
			Cure: "drop them in the copy with --before-migrate FILE.sql, and make them anew for the new tables"},
		{Name: "clients with a secret under BCrypt", Query: `SELECT count(*) FILTER (WHERE client_secret LIKE
			'$2%'), count(*)
			FROM hydra_client`,
			Means: "are locked out if their secret is longer than 72 bytes, which no row tells",
			Cure:  "ask their owners, and set such secrets anew before the upgrade; the first 72 bytes work meanwhile"},
	}
}
