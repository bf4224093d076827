package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/containers/stack"
)

// store is a PostgreSQL that runs.
type store struct {
	dsn        *url.URL // of the server's database
	database   string
	mu         sync.Mutex
	connection *pgx.Conn // to the maintenance database
}

// open connects to the maintenance database, so that our own statements and commits
// are not counted as the server's.
func open(ctx context.Context, dsn *url.URL) (stack.Store, error) {
	maintenance := *dsn
	maintenance.Path = "/postgres"
	c, err := pgx.Connect(ctx, maintenance.String())
	if err != nil {
		return nil, fmt.Errorf("connect to the database: %w", withoutPassword(err, dsn))
	}
	if _, err := c.Exec(ctx, "CREATE EXTENSION IF NOT EXISTS pg_stat_statements"); err != nil {
		return nil, errors.Join(fmt.Errorf("count statements: %w", err), c.Close(ctx))
	}
	return &store{dsn: dsn, database: strings.TrimPrefix(dsn.Path, "/"), connection: c}, nil
}

// Settings are the server's version, and what the image's own files set besides: paths
// and languages say nothing.
func (s *store) Settings(ctx context.Context) (map[string]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	settings := map[string]string{}
	rows, err := s.connection.Query(ctx,
		`SELECT name, current_setting(name) FROM pg_settings WHERE name = 'server_version'
		OR source IN ('configuration file', 'command line', 'environment variable', 'global')
		AND setting IS DISTINCT FROM boot_val
		AND name !~ '^(lc_|log_timezone|listen_addresses|default_text_search_config|DateStyle|TimeZone)'`)
	if err != nil {
		return nil, fmt.Errorf("ask the database for its settings: %w", err)
	}
	var name, value string
	_, err = pgx.ForEachRow(rows, []any{&name, &value}, func() error {
		settings[name] = value
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("ask the database for its settings: %w", err)
	}
	return settings, nil
}

// Counters reads pg_stat_statements and pg_stat_database.
//
// Statements are exact at once. The other counters come from pg_stat_database, to
// which a busy connection reports every second and an idle one up to 10 s late: call
// AtRest first where that matters, as at the end of a run.
func (s *store) Counters(ctx context.Context) (bench.DatabaseCounters, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var c bench.DatabaseCounters
	err := s.connection.QueryRow(ctx,
		`SELECT xact_commit, xact_rollback, tup_inserted, tup_updated, tup_deleted, temp_bytes,
		pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint, pg_database_size(datname)
		FROM pg_stat_database WHERE datname = $1`, s.database).
		Scan(&c.Commits, &c.Rollbacks, &c.RowsInserted, &c.RowsUpdated, &c.RowsDeleted, &c.TempBytes, &c.WALBytes,
			&c.Bytes)
	if err != nil {
		return bench.DatabaseCounters{}, fmt.Errorf("read the database's counters: %w", err)
	}
	// One text has several rows when several users or nesting levels executed it.
	rows, err := s.connection.Query(ctx,
		`SELECT query, sum(calls)::bigint, sum(total_exec_time)::float8, sum(rows)::bigint
		FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid WHERE datname = $1
		GROUP BY query ORDER BY 3 DESC, 1`, s.database)
	if err != nil {
		return bench.DatabaseCounters{}, fmt.Errorf("read the database's statements: %w", err)
	}
	c.Statements, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (bench.Statement, error) {
		var st bench.Statement
		var milliseconds float64
		err := row.Scan(&st.Text, &st.Calls, &milliseconds, &st.Rows)
		st.Text = strings.Join(strings.Fields(st.Text), " ")
		st.Time = time.Duration(milliseconds * float64(time.Millisecond))
		return st, err
	})
	if err != nil {
		return bench.DatabaseCounters{}, fmt.Errorf("read the database's statements: %w", err)
	}
	return c, nil
}

// reportDelay is the longest that an idle connection keeps its counts to itself, with
// a margin (PGSTAT_IDLE_INTERVAL in PostgreSQL's pgstat.c).
const reportDelay = 10200 * time.Millisecond

// AtRest waits until all that was done so far is in the Counters: until the server's
// connections have been idle for 10 s. It gives up, with an error, after 30 s of a
// server that is never idle.
func (s *store) AtRest(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, 3*reportDelay, errors.New("the server's connections are never idle"))
	defer cancel()
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		var busy int
		s.mu.Lock()
		err := s.connection.QueryRow(ctx,
			`SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'
			AND (state <> 'idle' OR clock_timestamp() - state_change < make_interval(secs => $2))`, s.database,
			reportDelay.Seconds()).Scan(&busy)
		s.mu.Unlock()
		if err != nil {
			return fmt.Errorf("wait for the database's counters: %w", cmp.Or(context.Cause(ctx), err))
		}
		if busy == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the database's counters: %w", context.Cause(ctx))
		case <-tick.C:
		}
	}
}

// Close ends the connection; the database itself is about to be removed.
func (s *store) Close(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.connection.Close(ctx)
}

// Exec runs a script of several statements in the server's own database, or one statement with arguments.
func (s *store) Exec(ctx context.Context, script string, args ...any) error {
	c, err := pgx.Connect(ctx, s.dsn.String())
	if err != nil {
		return withoutPassword(err, s.dsn)
	}
	defer c.Close(context.WithoutCancel(ctx))
	if len(args) == 0 {
		return run(ctx, c, script)
	}
	_, err = c.Exec(ctx, script, args...)
	return err
}

// ping asks a database over TCP: while its image makes the cluster it listens on a
// local socket only.
func ping(ctx context.Context, dsn *url.URL) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	c, err := pgx.Connect(ctx, dsn.String())
	if err != nil {
		return withoutPassword(err, dsn)
	}
	return withoutPassword(errors.Join(c.Ping(ctx), c.Close(ctx)), dsn)
}

// withoutPassword makes sure that no error carries the password.
func withoutPassword(err error, dsn *url.URL) error {
	if err == nil {
		return nil
	}
	password, _ := dsn.User.Password()
	if password != "" && strings.Contains(err.Error(), password) {
		return errors.New(strings.ReplaceAll(err.Error(), password, "***"))
	}
	return err
}
