package authserver

import (
	"fmt"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// A start removes what has expired, in more than one batch, and nothing else.
func TestPurge(t *testing.T) {
	for version, tables := range map[string][]string{settings.V1: {"tokens"},
		settings.V2: {"access_tokens", "refresh_tokens"}} {
		o := place(t, quick(t, version, "refresh_ttl=2h"))
		f := openAt(t, o)
		c := f.register(oauth.AuthBasic, 60)
		old := f.session(c, "read offline_access")
		f.clock.advance(2 * time.Minute)
		live := f.session(c, "read offline_access")
		clock := f.clock
		count := func(table string) (n int) {
			t.Helper()
			if err := f.server.database.Read.QueryRow(`SELECT COUNT(*) FROM ` + table).Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		before := map[string]int{}
		for _, table := range tables {
			before[table] = count(table)
		}
		// Twelve thousand expired sign-ins, older than the ones above.
		_, err := f.server.database.Write.Exec(
			fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000)
			INSERT INTO sign_ins (rowid, id, client_id, redirect_uri, scope, audience, state, nonce, response_mode,
				code_challenge, subject, auth_time, expires_at)
			SELECT -i, 'x' || i, '%s', '', '', '', '', '', '', '', '', 0, 1 FROM n`, c.ClientID))
		if err != nil {
			t.Fatal(err)
		}
		f.close()

		f = openAtTime(t, o, clock)
		if n := count("sign_ins"); n != 2 {
			t.Errorf("%s: %d sign-ins are left; want the 2 that have not expired", version, n)
		}
		gone := 0
		for _, table := range tables {
			gone += before[table] - count(table)
		}
		if gone != 1 {
			t.Errorf("%s: %d tokens are gone; want the one that has expired", version, gone)
		}
		f.wantActive("expired token", old.AccessToken, false)
		f.wantActive("live token", live.AccessToken, true)
		f.wantActive("live refresh token", live.RefreshToken, true)
		f.granted(f.send(oauth.Refresh(f.endpoints.Token, c, old.RefreshToken)))
	}
}
