package keycloak

import "github.com/oauthbench/oauthbench/containers/stack"

// ours is the id of the realm that is measured.
const ours = `(SELECT id FROM realm WHERE name = '` + realm + `')`

// Expressions of one filled row.
const (
	epoch     = `extract(epoch FROM now())`
	userID    = `md5(fill.mark || 'u' || fill.n)`
	sessionID = `md5(fill.mark || 's' || fill.n)`
	userName  = `'fill-' || fill.mark || '-' || fill.n`
	since     = `(` + epoch + ` - fill.r * $seconds)::bigint`
)

// growth multiplies what a server without users keeps: clients, and a row for each access
// token that was revoked. Tokens themselves are not stored.
func growth() []stack.Growth {
	return []stack.Growth{
		{Table: "client", Rows: stack.ClientRows, Sample: "client_id LIKE 'client-%'", Set: map[string]string{
			"id": `md5(fill.mark || fill.n)`, "client_id": userName,
		}},
		{Table: "revoked_token", Sample: "id NOT LIKE 'fill-%'",
			Rows: func(d stack.Dataset) int64 { return int64(float64(d.Tokens) * d.Revoked) },
			Set: map[string]string{
				"id":     `'fill-' || md5(fill.mark || fill.n)`,
				"expire": `(` + epoch + ` + (1 - fill.r) * $seconds)::bigint`,
			}},
	}
}

// grants multiply whole logins as the server writes them: a user with its password, a session
// of the user and one of the client, online and offline as the copied ones are. No foreign key
// ties sessions to users or to each other.
func grants() []stack.Growth {
	person := `service_account_client_link IS NULL AND realm_id = ` + ours + ` AND username NOT LIKE 'fill-%'`
	return []stack.Growth{
		{Table: "user_entity", Rows: stack.GrantRows, Sample: person, Set: map[string]string{
			"id": userID, "username": userName, "email": userName + ` || '@example.org'`,
			"email_constraint": userName + ` || '@example.org'`,
		}},
		{Table: "credential", Rows: stack.GrantRows, Set: map[string]string{
			"id": `md5(fill.mark || 'c' || fill.n)`, "user_id": userID,
		}, Sample: `user_id IN (SELECT id FROM user_entity WHERE ` + person + `)`},
		{Table: "offline_user_session", Rows: stack.GrantRows, Sample: "realm_id = " + ours, Set: map[string]string{
			"user_session_id": sessionID, "user_id": userID, "created_on": since, "last_session_refresh": since,
		}},
		{Table: "offline_client_session", Rows: stack.GrantRows, Set: map[string]string{
			"user_session_id": sessionID, "timestamp": since,
		}, Sample: `EXISTS (SELECT FROM offline_user_session u WHERE u.realm_id = ` + ours +
			` AND u.user_session_id = offline_client_session.user_session_id)`},
	}
}
