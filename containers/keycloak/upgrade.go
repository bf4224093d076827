package keycloak

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/oauthbench/oauthbench/containers/stack"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// upgradeOf says how a release replaces another and is replaced.
func upgradeOf(r release, of realmSettings, environment func(stack.Site) map[string]string) stack.Upgrade {
	u := stack.Upgrade{
		Migrate:      func(at stack.Site) []stack.Command { return migrate(at, environment) },
		EndConsent:   endUser,
		DeleteClient: deleteClient,
		Keeps:        keeps(of),
		Preflight:    func(to string) []stack.RowCheck { return preflight(r, to) },
		Growth:       grants(),
		Beside:       map[string]string{"cache": "ispn"},
		Start:        startSigns,
		Beneath:      beneath,
		Compatible:   compatible(environment),
	}
	if r.from(announces) {
		u.Export = func(at stack.Site) (stack.Command, string) { return export(at, environment) }
	}
	u.Examine, u.Repair = examine(r), repair(r)
	return u
}

// jpa begins the options of the database.
const jpa = "--spi-connections-jpa--quarkus--"

// migrate has an export of one small realm do it, which brings the database to the release's
// schema before it reads when it is told to, and ends: the server itself would migrate at its start,
// unwatched.
func migrate(at stack.Site, environment func(stack.Site) map[string]string) []stack.Command {
	env := environment(at)
	env["KC_CACHE"] = "local" // it is no instance of a cluster
	return []stack.Command{{
		Args: []string{"export", "--dir", "/tmp/export", "--realm", "master", "--users", "skip",
			jpa + "migration-strategy=update"}, Env: env,
	}}
}

// announces is the release from which the options of export are known to be heeded: one that does not
// heed them migrates.
const announces = 4

// export has a start write down what it would do to the database and end, for the database is not of
// its release.
func export(at stack.Site, environment func(stack.Site) map[string]string) (c stack.Command, file string) {
	file = "/tmp/migration.sql"
	return stack.Command{Env: environment(at), Args: []string{"start", jpa + "migration-strategy=manual",
		jpa + "initialize-empty=false", jpa + "migration-export=" + file}}, file
}

// compatible is Keycloak's own check of rolling updates. It looks at options, and at no row.
func compatible(environment func(stack.Site) map[string]string) stack.Compatibility {
	const file = "/tmp/compatibility.json"
	return stack.Compatibility{
		Describe: func(at stack.Site) (stack.Command, string) {
			return stack.Command{Args: []string{"update-compatibility", "metadata", "--file=" + file},
				Env: environment(at)}, file
		},
		Check: func(at stack.Site, description string) stack.Command {
			return stack.Command{Args: []string{"update-compatibility", "check", "--file=" + file},
				Env: environment(at), Files: map[string]string{file: description}}
		},
		Says: "Rolling Update is not available",
	}
}

// startSigns are the addresses of a start that migrates by itself: from 26.7 the first two say yes while
// every realm is refused.
var startSigns = stack.StartSigns{
	Up: map[string]func(stack.Site) string{
		"/health/live":    func(at stack.Site) string { return at.Admin + "/health/live" },
		"/health/started": func(at stack.Site) string { return at.Admin + "/health/started" },
		"/health/ready":   func(at stack.Site) string { return at.Admin + "/health/ready" },
	},
	Serves: func(at stack.Site) string { return at.Issuer + "/realms/" + realm },
}

// beneath marks an access token as revoked, as RFC 7009 does it here: by a row that is read at a start
// alone.
func beneath(token string) (script string, arguments []any, err error) {
	read, err := oauth.ReadJWT(token)
	if err != nil {
		return "", nil, err
	}
	return `INSERT INTO revoked_token (id, expire) VALUES ($1, $2)`, []any{read.Claims.ID, read.Claims.Expires}, nil
}

// endUser logs a user out everywhere: its sessions end, and what is older than now is refused,
// offline tokens too.
func endUser(ctx context.Context, a *stack.Access, subject string) error {
	return admin(ctx, a, http.MethodPost, "/"+realm+"/users/"+loginOf(subject)+"/logout", nil, nil)
}

func deleteClient(ctx context.Context, a *stack.Access, id string) error {
	var found []struct{ ID string }
	path := "/" + realm + "/clients"
	if err := admin(ctx, a, http.MethodGet, path+"?"+url.Values{"clientId": {id}}.Encode(), nil, &found); err != nil {
		return err
	}
	if len(found) != 1 {
		return fmt.Errorf("there are %d clients of the name %q", len(found), id)
	}
	return admin(ctx, a, http.MethodDelete, path+"/"+found[0].ID, nil, nil)
}

// named tells whether a client c is in the aud of its own tokens.
const named = `SELECT FROM protocol_mapper m JOIN protocol_mapper_config g ON g.protocol_mapper_id = m.id
	WHERE m.protocol_mapper_name = 'oidc-audience-mapper' AND g.value = c.client_id
	AND g.name IN ('included.client.audience', 'included.custom.audience')
	AND (m.client_id = c.id OR m.client_scope_id IN (SELECT scope_id FROM client_scope_client s
		WHERE s.client_id = c.id AND s.default_scope))`

// preflight is what the start of a later release does with the rows of this one.
func preflight(from release, to string) (all []stack.RowCheck) {
	next, err := parseRelease(to)
	if err != nil {
		return nil
	}
	if next.checksAudience() && !from.checksAudience() {
		all = append(all, stack.RowCheck{Name: "clients that their own tokens do not name",
			Query: `SELECT count(*) FILTER (WHERE NOT EXISTS (` + named + `)), count(*) FROM client c
				WHERE realm_id = ` + ours + ` AND NOT public_client AND NOT bearer_only AND secret IS NOT NULL`,
			Means: "are told that their own tokens are inactive when they introspect them, for aud does not name " +
				"them (CVE-2026-37979); who introspects whose tokens no row tells",
			Cure: "give those that introspect an audience mapper one lifetime of tokens before the upgrade, or the " +
				"attribute allow.token.introspection.without.audience.check, which opens the hole again"})
	}
	if next.from(backfilled) && !from.from(backfilled) {
		all = append(all, backfill...)
	}
	if tables := indexed(from, next); len(tables) > 0 {
		all = append(all, stack.RowCheck{Name: "tables too large to be indexed at a start",
			Query: large(tables),
			Means: "get none of their new indexes, for they have more than 300,000 rows, while the old one of " +
				"offline_user_session is dropped all the same; the only sign is a WARN line for each",
			Cure: "make them by hand with CREATE INDEX CONCURRENTLY as the log says, at once after the upgrade"})
	}
	return all
}

// backfilled is the release from which client sessions know their realm.
const backfilled = 6

// backfill is what the first start of such a release does with client sessions.
var backfill = []stack.RowCheck{
	{Name: "client sessions to be filled in",
		Query: `SELECT count(*), count(*) FROM offline_client_session`,
		Means: "are all written anew by one UPDATE at the first start (realm_id), online sessions too: " +
			"about 1.3 kB of " +
			"WAL each, and refresh, logout and revocation at instances of the old version wait until it commits",
		Cure: "add the column and fill it in batches before the upgrade: ALTER TABLE offline_client_session " +
			"ADD COLUMN " +
			"realm_id varchar(36), then the UPDATE of the repair over a range of keys at a time"},
	{Name: "client sessions without their user session",
		Query: `SELECT count(*) FILTER (WHERE u.user_session_id IS NULL), count(*) FROM offline_client_session c
			LEFT JOIN offline_user_session u USING (user_session_id, offline_flag)`,
		Means: "stay without a realm for ever, and nobody says so",
		Cure:  "delete them: no token of theirs is good"},
}

// index is one that a release makes at its first start, unless its table has too many rows.
type index struct {
	minor                int // of the release
	name, table, columns string
}

// indexes are those on tables that grow.
var indexes = []index{
	{5, "idx_user_session_expiration_created", "offline_user_session",
		"realm_id, offline_flag, remember_me, created_on, user_session_id, user_id"},
	{5, "idx_user_session_expiration_last_refresh", "offline_user_session",
		"realm_id, offline_flag, remember_me, last_session_refresh, user_session_id, user_id"},
	{6, "idx_offline_css_by_user_session_and_offline", "offline_client_session", "offline_flag, user_session_id"},
	{6, "idx_offline_css_by_client_and_realm", "offline_client_session",
		"realm_id, offline_flag, client_id, client_storage_provider, external_client_id"},
	{6, "idx_user_created_timestamp", "user_entity", "realm_id, created_timestamp"},
}

// indexed are the tables that a release makes indexes on which another has not made.
func indexed(from, next release) (tables []string) {
	for _, x := range indexes {
		if next.from(x.minor) && !from.from(x.minor) && !slices.Contains(tables, x.table) {
			tables = append(tables, x.table)
		}
	}
	return tables
}

// large asks how many tables have more than 300,000 rows. A start believes the statistics of a table
// where it has some, and counts otherwise; a copy may have others than its source.
func large(tables []string) string {
	var each []string
	for _, name := range tables {
		each = append(each, `(greatest((SELECT count(*) FROM `+name+`), (SELECT reltuples::bigint FROM pg_class
			WHERE oid = '`+name+`'::regclass)))`)
	}
	return `SELECT count(*) FILTER (WHERE rows > 300000), count(*) FROM (VALUES ` + strings.Join(each, ", ") +
		`) AS t(rows)`
}

// quote makes a list of names in SQL.
func quote(names []string) string { return "'" + strings.Join(names, "', '") + "'" }

// examine is what the migration to a release leaves behind.
func examine(r release) (all []stack.RowCheck) {
	var names []string
	for _, x := range indexes {
		if r.from(x.minor) {
			names = append(names, x.name)
		}
	}
	if r.from(backfilled) {
		all = append(all, stack.RowCheck{Name: "client sessions without a realm", Fault: true,
			Query: `SELECT count(*) FILTER (WHERE realm_id IS NULL), count(*) FROM offline_client_session`,
			Means: "are not counted and not ended by logout-all, and deleting the realm leaves them behind: an " +
				"instance of the old version has written them after the migration, or their user session is gone",
			Cure: "run the repair that is beside this report once no instance of the old version serves any more"})
	}
	if len(names) > 0 {
		n := strconv.Itoa(len(names))
		all = append(all, stack.RowCheck{Name: "indexes that were skipped", Fault: true,
			Query: `SELECT ` + n + ` - count(*), ` + n + ` FROM pg_indexes WHERE lower(indexname) IN (` + quote(names) +
				`)`,
			Means: "are missing, for their tables were too large for them to be made at a start: cleaning up and " +
				"counting sessions reads whole tables, and no later upgrade will make them",
			Cure: "make them as the repair has them that is beside this report, CONCURRENTLY where the " +
				"server serves; " +
				"its log names each (\"Missing database index\")"})
	}
	return all
}

// repair fills in what instances of the old version wrote after the migration, and makes the
// indexes that it skipped; "" for a release that has neither.
func repair(r release) string {
	var b strings.Builder
	if r.from(backfilled) {
		b.WriteString(`UPDATE offline_client_session cs SET realm_id = us.realm_id FROM offline_user_session us
WHERE cs.user_session_id = us.user_session_id AND cs.offline_flag = us.offline_flag AND cs.realm_id IS NULL;
`)
	}
	for _, x := range indexes {
		if r.from(x.minor) {
			fmt.Fprintf(&b, "CREATE INDEX IF NOT EXISTS %s ON %s (%s);\n", x.name, x.table, x.columns)
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return "-- For a database that was migrated to Keycloak 26." + strconv.Itoa(r.minor) +
		": run it when no instance of the old version serves.\n" + b.String()
}
