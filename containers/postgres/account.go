package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/oauthbench/oauthbench/containers/census"
)

// Account reads the counters of all tables and statements. What connections that are open have
// done may be missing from the tables'.
func (s *store) Account(ctx context.Context) (census.Census, error) {
	var all census.Census
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
	rows, err := c.Query(ctx, `SELECT t.relname, c.oid::bigint, n_tup_ins, n_tup_upd, n_tup_del, n_dead_tup, n_live_tup,
		pg_total_relation_size(t.relid), c.relfilenode::bigint
		FROM pg_stat_user_tables t JOIN pg_class c ON c.oid = t.relid ORDER BY t.schemaname, t.relname`)
	if err != nil {
		return all, fmt.Errorf("read the database's account: %w", err)
	}
	all.Tables, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (t census.Table, err error) {
		err = row.Scan(&t.Name, &t.ID, &t.Inserted, &t.Updated, &t.Deleted, &t.DeadRows, &t.Rows, &t.Bytes, &t.File)
		return t, err
	})
	if err != nil {
		return all, fmt.Errorf("read the database's account: %w", err)
	}
	all.Statements, err = s.statements(ctx)
	return all, err
}

// statements are those of the server's database, by pg_stat_statements, which has changes of
// the schema too.
func (s *store) statements(ctx context.Context) ([]census.Statement, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows, err := s.connection.Query(ctx, `SELECT query, sum(calls)::bigint, sum(total_exec_time)::float8,
		sum(rows)::bigint, sum(wal_bytes)::bigint, sum(temp_blks_written)::bigint *
		current_setting('block_size')::bigint
		FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid WHERE datname = $1 GROUP BY query`,
		s.database)
	if err != nil {
		return nil, fmt.Errorf("read the database's statements: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (st census.Statement, err error) {
		var milliseconds float64
		err = row.Scan(&st.Text, &st.Calls, &milliseconds, &st.Rows, &st.WALBytes, &st.TempBytes)
		st.Time = time.Duration(milliseconds * float64(time.Millisecond))
		return st, err
	})
}

// Locks are those that keep others from a table of the server's database now, and who waits.
// The question counts as nothing of the server's.
func (s *store) Locks(ctx context.Context) (all census.Locks, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows, err := s.connection.Query(ctx, `SELECT DISTINCT relation::bigint, mode, pid FROM pg_locks
		WHERE granted AND locktype = 'relation' AND relation >= 16384
		AND mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
		AND database = (SELECT oid FROM pg_database WHERE datname = $1)`, s.database)
	if err != nil {
		return all, fmt.Errorf("read the database's locks: %w", err)
	}
	all.Held, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (h census.HeldLock, err error) {
		return h, row.Scan(&h.Table, &h.Mode, &h.Holder)
	})
	if err != nil {
		return all, fmt.Errorf("read the database's locks: %w", err)
	}
	rows, err = s.connection.Query(ctx, `SELECT w.pid, coalesce(l.relation, 0)::bigint, l.mode,
		CASE WHEN w.backend_type = 'client backend' THEN w.query ELSE w.backend_type END,
		coalesce((SELECT CASE WHEN b.backend_type = 'client backend' THEN b.query ELSE b.backend_type END
			FROM pg_stat_activity b WHERE b.pid = ANY(pg_blocking_pids(w.pid)) LIMIT 1), '')
		FROM pg_stat_activity w JOIN pg_locks l ON l.pid = w.pid AND NOT l.granted WHERE w.datname = $1`, s.database)
	if err != nil {
		return all, fmt.Errorf("read the database's locks: %w", err)
	}
	all.Waits, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (w census.LockWait, err error) {
		return w, row.Scan(&w.Waiter, &w.Table, &w.Mode, &w.Waits, &w.For)
	})
	if err != nil {
		return all, fmt.Errorf("read the database's locks: %w", err)
	}
	return all, nil
}
