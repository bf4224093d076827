package hydra

import (
	"crypto/sha512"
	"encoding/hex"
	"strings"

	"golang.org/x/crypto/bcrypt"

	"github.com/oauthbench/oauthbench/containers/tokenrows"
)

// marks are the signatures by which a row may know a token: what is behind the last dot, or its hash
// as 2.x stores it of access tokens, and 1.x of those that are JWTs.
func marks(token string) []string {
	signature := token[strings.LastIndex(token, ".")+1:]
	hashed := sha512.Sum384([]byte(signature))
	return []string{signature, hex.EncodeToString(hashed[:])}
}

// ofTokens is a condition that holds for the rows of the grants that some tokens are of.
const ofTokens = ` WHERE request_id IN (SELECT request_id FROM hydra_oauth2_refresh WHERE signature = ANY($1::text[])
	UNION SELECT request_id FROM hydra_oauth2_access WHERE signature = ANY($1::text[]))`

// ofSubject is likewise one for what a user has granted until a time.
const ofSubject = ` WHERE request_id IN (
	SELECT request_id FROM hydra_oauth2_refresh WHERE subject = $1::text AND requested_at <= $2::timestamp
	UNION SELECT request_id FROM hydra_oauth2_access WHERE subject = $1::text AND requested_at <= $2::timestamp)`

// ofGrants is likewise one for grants by their names.
const ofGrants = ` WHERE request_id = ANY($1::text[])`

// setClient gives a client, $1, a value.
func setClient(column, value string) string {
	return "UPDATE hydra_client SET " + column + " = " + value + " WHERE id = $1::text"
}

// rows are how tokens end in the rows of a release: 1.x keeps refresh tokens that were revoked, 2.x
// deletes them.
func rows(release version) *tokenrows.Rules {
	end := "DELETE FROM hydra_oauth2_refresh"
	if release.first() {
		end = "UPDATE hydra_oauth2_refresh SET active = false"
	}
	both := func(which string) []string {
		// The second looks for the same grants, so both are one statement.
		return []string{"WITH access AS (DELETE FROM hydra_oauth2_access" + which + ") " + end + which}
	}
	const word = "$2::jsonb #>> '{}'"
	list := "$2::jsonb"
	if release.first() { // whose lists are words between bars
		list = "array_to_string(ARRAY(SELECT jsonb_array_elements_text($2::jsonb)), '|')"
	}
	r := &tokenrows.Rules{
		Marks:  marks,
		Revoke: both(ofTokens), Subject: both(ofSubject), Grants: both(ofGrants),
		Rotate: []string{`WITH used AS (UPDATE hydra_oauth2_refresh SET active = false
			WHERE signature = ANY($1::text[]) AND active RETURNING request_id)
			DELETE FROM hydra_oauth2_access WHERE request_id IN (SELECT request_id FROM used)`},
		Client: []string{`DELETE FROM hydra_client WHERE id = $1::text`},
		Secret: []string{`UPDATE hydra_client SET client_secret = $2::text WHERE id = $1::text`},
		Metadata: map[string][]string{
			"scope":                      {setClient("scope", word)},
			"token_endpoint_auth_method": {setClient("token_endpoint_auth_method", word)},
			"audience":                   {setClient("audience", list)},
			"grant_types":                {setClient("grant_types", list)},
		},
		Hash: func(secret string) (string, error) { // 1.x and 2.x read it, whatever they write
			hash, err := bcrypt.GenerateFromPassword([]byte(secret), bcrypt.DefaultCost)
			return string(hash), err
		},
	}
	for _, table := range []string{"hydra_oauth2_access", "hydra_oauth2_refresh"} {
		r.Tables = append(r.Tables, tokenrows.Table{
			Name: table, Mark: "signature", Grant: "request_id", Client: "client_id", Subject: "subject",
			Live: "row.active", Refresh: table == "hydra_oauth2_refresh",
		})
	}
	return r
}
