package hydra

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/containers/census"
	"github.com/oauthbench/oauthbench/containers/stack"
)

// upgradeOf says how a release is replaced and replaces others. environment is that of
// every container of it.
func upgradeOf(release version, environment func(stack.Site) map[string]string) stack.Upgrade {
	sessions := release.admin() + "/oauth2/auth/sessions/consent?"
	u := stack.Upgrade{
		CleanUp: func(ctx context.Context, a *stack.Access, run func(context.Context, stack.Command) error) error {
			// A login under way counts as given up after half an hour, which nobody waits for here.
			args := []string{"janitor", "--tokens", "--requests", "--grants", "--consent-request-lifespan", "1s",
				"--read-from-env"}
			return run(ctx, stack.Command{Args: args, Env: maps.Clone(environment(a.Site))})
		},
		EndConsent: func(ctx context.Context, a *stack.Access, subject string) error {
			query := url.Values{"subject": {subject}, "all": {"true"}}
			return a.Call(ctx, http.MethodDelete, a.Admin+sessions+query.Encode(), "", nil, nil)
		},
		DeleteClient: func(ctx context.Context, a *stack.Access, id string) error {
			err := a.Call(ctx, http.MethodDelete, a.Admin+release.admin()+"/clients/"+url.PathEscape(id), "", nil, nil)
			if refused := (*stack.Refusal)(nil); errors.As(err, &refused) && refused.Status == http.StatusNotFound {
				return nil // A replay that was cut off has deleted it, and does so again.
			}
			return err
		},
		SetSecret: func(ctx context.Context, a *stack.Access, id, secret string) error {
			address := a.Admin + release.admin() + "/clients/" + url.PathEscape(id)
			client := map[string]any{}
			if err := a.Call(ctx, http.MethodGet, address, "", nil, &client); err != nil {
				return err
			}
			client["client_secret"] = secret
			return a.Call(ctx, http.MethodPut, address, "", client, nil)
		},
		Keeps:     keeps(release, sessions),
		Preflight: func(to string) []stack.RowCheck { return preflight(release, to) },
		CatchUp:   func(from string) []stack.CatchUp { return catchUp(release, from) },
		Growth:    grants(release),
		Rows:      rows(release),
	}
	if !release.first() {
		u.Examine, u.Repair = examine(), repair
		u.Made = map[string]string{"hydra_oauth2_flow": "hydra_oauth2_authentication_request"}
		u.Published = published
	}
	return u
}

// published are totals of the migration from 1.x to 2.x.
var published = []census.Published{{
	Who: "Cloudflare", Where: "blog.cloudflare.com/oauth-for-all", Updated: 132.5e6, Inserted: 114.7e6,
	TempBytes: 136.97e9, Took: 3 * time.Hour,
}}

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

// noJSON is a condition for a text that cannot be JSON, by its first and last characters.
func noJSON(column string) string {
	return column + ` IS NOT NULL AND ` + column +
		` !~ '^\s*(\{.*\}|\[.*\]|".*"|true|false|null|-?[0-9][0-9.eE+-]*)\s*$'`
}

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
		{Name: "handled logins", Query: `SELECT count(*) FILTER (WHERE error = '{}'), count(*)
			FROM hydra_oauth2_authentication_request_handled`,
			Means: "are marked as failed logins (state 128), for 1.x stores '{}' where the migration asks for NULL: " +
				"remembered consents are forgotten, and the janitor deletes the sessions with their tokens",
			Cure: "run the repair on the migrated copy with --after-migrate, and no janitor before it"},
		{Name: "logins without a subject", Query: `SELECT count(*) FILTER (WHERE r.subject = ''), count(*)
			FROM hydra_oauth2_authentication_request r JOIN hydra_oauth2_authentication_request_handled h USING
				(challenge)`,
			Means: "lose their user, whom the migration takes from the request: revoking a user's consent finds " +
				"nothing",
			Cure: "run the repair on the migrated copy with --after-migrate"},
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
		{Name: "logins and consents with a text that is no JSON", Query: `SELECT count(*) FILTER (WHERE
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
		{Name: "tokens whose client is gone",
			Query: `SELECT count(*) FILTER (WHERE NOT EXISTS (SELECT FROM hydra_client x
			WHERE x.id = t.client_id)), count(*) FROM (SELECT client_id FROM hydra_oauth2_access
			UNION ALL SELECT client_id FROM hydra_oauth2_refresh) t`,
			Means: "make the migration fail at 20220210: a foreign key to hydra_client is violated",
			Cure:  "delete them, or " + correct},
		{Name: "clients with a secret under BCrypt", Query: `SELECT count(*) FILTER (WHERE client_secret LIKE
			'$2%'), count(*)
			FROM hydra_client`,
			Means: "are locked out if their secret is longer than 72 bytes, which no row tells",
			Cure:  "ask their owners, and set such secrets anew before the upgrade; the first 72 bytes work meanwhile"},
	}
}

// examine is what the migration from 1.x leaves wrong, in every release of 2.x.
func examine() []stack.RowCheck {
	const cure = "mend the migrated copy before green starts: --after-migrate with the repair that is beside this " +
		"report"
	return []stack.RowCheck{
		{Name: "logins marked as failed", Fault: true, Cure: cure,
			Query: `SELECT count(*) FILTER (WHERE state = 128 AND login_error IN ('{}', '')
				OR state = 129 AND consent_error IN ('{}', '')), count(*) FROM hydra_oauth2_flow`,
			Means: "logins that succeeded have the state of a failed one (128, or 129 by their consent): their " +
				"consents are forgotten, and the janitor deletes them with their tokens"},
		{Name: "logins without their user", Fault: true, Cure: cure,
			Query: `SELECT count(*) FILTER (WHERE subject = ''), count(*) FROM hydra_oauth2_flow f
				WHERE EXISTS (SELECT FROM hydra_oauth2_refresh t WHERE t.challenge_id = f.consent_challenge_id)
				OR EXISTS (SELECT FROM hydra_oauth2_access t WHERE t.challenge_id = f.consent_challenge_id)`,
			Means: "logins with tokens have lost their subject: revoking a user's consent answers 204 and revokes " +
				"nothing"},
	}
}

// repair gives flows their subject and state back, as 2.x itself would have written them.
const repair = `-- For a database of Hydra 1.x that was migrated to 2.x: run it before 2.x serves.
BEGIN;
UPDATE hydra_oauth2_flow f SET subject = t.subject
FROM (
  SELECT challenge_id, max(subject) AS subject FROM (
    SELECT challenge_id, subject FROM hydra_oauth2_refresh
    UNION ALL SELECT challenge_id, subject FROM hydra_oauth2_access
    UNION ALL SELECT challenge_id, subject FROM hydra_oauth2_code
  ) tokens WHERE challenge_id IS NOT NULL AND subject <> '' GROUP BY challenge_id
) t WHERE f.consent_challenge_id = t.challenge_id AND f.subject = '';
UPDATE hydra_oauth2_flow SET login_error = coalesce(login_error, '{}'), state = CASE
  WHEN consent_error IS NOT NULL AND consent_error NOT IN ('{}', '') THEN 129
  WHEN consent_was_used THEN 6
  WHEN consent_error = '{}' THEN 5
  WHEN consent_challenge_id IS NOT NULL THEN 4
  WHEN login_was_used THEN 3
  ELSE 2 END
WHERE state = 128 AND login_error = '{}' OR state = 129 AND consent_error = '{}';
COMMIT;
`
