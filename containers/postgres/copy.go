package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/oauthbench/oauthbench/containers/stack"
)

// copyScript copies a database from a server that goes on serving: pg_dump sees what was
// committed when it began. Rows that it restores in vain are told by their code. The password of both is in
// the environment.
func copyScript(host string, from, to stack.Account) string {
	return fmt.Sprintf("set -eu; rm -rf /tmp/copy; dropdb -U %[3]s --if-exists --force %[4]s; createdb -U %[3]s "+
		"%[4]s; "+
		"pg_dump -Fd -j2 -Z0 -f /tmp/copy -h %[5]s -U %[1]s %[2]s; "+
		"pg_restore -U %[3]s -j2 --exit-on-error -d %[4]s /tmp/copy || exit %[6]d; rm -rf /tmp/copy; "+
		"psql -qU %[3]s -c ANALYZE %[4]s", from.User, from.Database, to.User, to.Database, host, stack.RowsRefused)
}

// baseCopy copies the files of a whole server by pg_basebackup, which is consistent at its end. The
// image lets nobody from another host copy, so that a line is added to its rules meanwhile.
var baseCopy = stack.BaseCopy{
	Allow: `set -eu; cd "$PGDATA"; [ -e pg_hba.conf.before ] || cp pg_hba.conf pg_hba.conf.before; ` +
		`cp pg_hba.conf.before pg_hba.conf; echo "host replication all all scram-sha-256" >> pg_hba.conf; ` + reload,
	Forbid: `set -eu; cd "$PGDATA"; [ ! -e pg_hba.conf.before ] || mv pg_hba.conf.before pg_hba.conf; ` + reload,
	User:   "postgres",
	Take: func(host string, from stack.Account, place string) string {
		return fmt.Sprintf(`set -eu; pg_basebackup -h %[1]s -U %[2]s -D "$PGDATA/%[3]s" -X stream -c fast; `+
			`echo "data_directory = '$PGDATA/%[3]s'" >> "$PGDATA/postgresql.conf"`, host, from.User, place)
	},
	Settle: func(a stack.Account) string {
		return fmt.Sprintf("psql -qU %s -c ANALYZE %s", a.User, a.Database)
	},
}

// reload makes the server read its rules again.
const reload = `psql -qU "$POSTGRES_USER" -c "SELECT pg_reload_conf()" "$POSTGRES_DB"`

// Count asks for two numbers, after statements in the same session.
func (s *store) Count(ctx context.Context, query string, before ...string) (first, second int64, err error) {
	c, err := pgx.Connect(ctx, s.dsn.String())
	if err != nil {
		return 0, 0, withoutPassword(err, s.dsn)
	}
	defer c.Close(context.WithoutCancel(ctx))
	for _, statement := range before {
		if _, err := c.Exec(ctx, statement); err != nil {
			return 0, 0, err
		}
	}
	err = c.QueryRow(ctx, query).Scan(&first, &second)
	return first, second, err
}
