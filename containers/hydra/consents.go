package hydra

import (
	"strconv"
	"strings"

	"github.com/oauthbench/oauthbench/containers/stack"
)

// consents multiply a login whose user agreed for good. Each user of a client has as many as each
// says, the one that is copied included. This is what the server goes through when a user returns
// from the login page, to find whether to ask for consent (issue 1987 of its repository: 14 ms with
// 1,040 of them, 23 s with 305,683).
func consents(release version, client string, each, users int64) []stack.Growth {
	id := func(letter string) string { return `md5(fill.mark || '` + letter + `' || fill.n)` }
	subject := stack.SubjectOf("fill.n % " + strconv.FormatInt(users, 10))
	rows := func(stack.Dataset) int64 { return each*users - 1 }
	age := `timezone('utc', now()) - make_interval(secs => fill.r * 86400)`
	ofClient := `client_id = '` + strings.ReplaceAll(client, "'", "''") + `'`
	if !release.first() {
		return []stack.Growth{{Table: "hydra_oauth2_flow", Rows: rows,
			Sample: ofClient + ` AND consent_remember`,
			Set: map[string]string{
				"login_challenge": id("l"), "login_verifier": id("v"), "login_csrf": id("x"),
				"consent_challenge_id": id("q"), "consent_verifier": id("w"), "consent_csrf": id("y"),
				"subject": subject, "requested_at": age,
			}}}
	}
	requests := `SELECT challenge FROM hydra_oauth2_consent_request WHERE ` + ofClient
	logins := `SELECT login_challenge FROM hydra_oauth2_consent_request WHERE ` + ofClient
	return []stack.Growth{
		{Table: "hydra_oauth2_authentication_request", Rows: rows, Sample: `challenge IN (` + logins + `)`,
			Set: map[string]string{"challenge": id("l"), "verifier": id("v"), "subject": subject, "requested_at": age}},
		{Table: "hydra_oauth2_authentication_request_handled", Rows: rows, Sample: `challenge IN (` + logins + `)`,
			Set: map[string]string{"challenge": id("l"), "subject": subject, "requested_at": age}},
		{Table: "hydra_oauth2_consent_request", Rows: rows, Sample: ofClient,
			Set: map[string]string{"challenge": id("q"), "verifier": id("w"), "login_challenge": id("l"),
				"subject": subject, "requested_at": age}},
		{Table: "hydra_oauth2_consent_request_handled", Rows: rows,
			Sample: `remember AND challenge IN (` + requests + `)`,
			Set:    map[string]string{"challenge": id("q"), "requested_at": age}},
	}
}
