package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"oauthbench/containers/stack"
)

// copyScript copies a database from a server that goes on serving: pg_dump sees what was
// committed when it began. The password of both is in the environment.
func copyScript(host string, from, to stack.Account) string {
	return fmt.Sprintf("set -eu; rm -rf /tmp/copy; dropdb -U %[3]s --if-exists --force %[4]s; createdb -U %[3]s "+
		"%[4]s; "+
		"pg_dump -Fd -j2 -Z0 -f /tmp/copy -h %[5]s -U %[1]s %[2]s; "+
		"pg_restore -U %[3]s -j2 --exit-on-error -d %[4]s /tmp/copy; rm -rf /tmp/copy; "+
		"psql -qU %[3]s -c ANALYZE %[4]s", from.User, from.Database, to.User, to.Database, host)
}

// Count asks for two numbers.
func (s *store) Count(ctx context.Context, query string) (first, second int64, err error) {
	c, err := pgx.Connect(ctx, s.dsn.String())
	if err != nil {
		return 0, 0, withoutPassword(err, s.dsn)
	}
	defer c.Close(context.WithoutCancel(ctx))
	err = c.QueryRow(ctx, query).Scan(&first, &second)
	return first, second, err
}

// Account reads the counters of all tables. What connections that are open have done may
// be missing.
func (s *store) Account(ctx context.Context) (stack.Census, error) {
	var all stack.Census
	c, err := pgx.Connect(ctx, s.dsn.String())
	if err != nil {
		return all, withoutPassword(err, s.dsn)
	}
	defer c.Close(context.WithoutCancel(ctx))
	err = c.QueryRow(ctx, `SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint, temp_bytes, temp_files,
		xact_commit, pg_database_size(datname) FROM pg_stat_database WHERE datname = current_database()`).
		Scan(&all.WALBytes, &all.TempBytes, &all.TempFiles, &all.Commits, &all.Bytes)
	if err != nil {
		return all, fmt.Errorf("read the database's account: %w", err)
	}
	rows, err := c.Query(ctx, `SELECT t.relname, n_tup_ins, n_tup_upd, n_tup_del, n_dead_tup, n_live_tup,
		pg_total_relation_size(t.relid), c.relfilenode::bigint
		FROM pg_stat_user_tables t JOIN pg_class c ON c.oid = t.relid ORDER BY t.schemaname, t.relname`)
	if err != nil {
		return all, fmt.Errorf("read the database's account: %w", err)
	}
	all.Tables, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (t stack.TableCensus, err error) {
		err = row.Scan(&t.Table, &t.Inserted, &t.Updated, &t.Deleted, &t.DeadRows, &t.Rows, &t.Bytes, &t.File)
		return t, err
	})
	return all, err
}
