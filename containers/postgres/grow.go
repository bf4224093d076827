package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/oauthbench/oauthbench/containers/engine"
	"github.com/oauthbench/oauthbench/containers/stack"
)

// Sizes of a Grow. Two writers keep two cores busy; a batch is one transaction.
const (
	fillBatch   = 50_000
	fillWriters = 2
	fillSamples = 50 // rows that are copied
)

// Grow copies rows with several writers.
func (s *store) Grow(ctx context.Context, rules []stack.Growth, d stack.Dataset, lifetime time.Duration) (stack.Filled,
	error) {
	f := stack.Filled{Dataset: d}
	c, err := s.writer(ctx)
	if err != nil {
		return f, err
	}
	defer c.Close(context.WithoutCancel(ctx))
	if f.Before, err = countRows(ctx, c, rules); err != nil {
		return f, err
	}
	bases, err := readBases(ctx, c, rules)
	if err != nil {
		return f, err
	}
	mark := engine.Random(6)
	begin := time.Now()
	for i, g := range rules {
		n, err := s.growTable(ctx, c, g, d, lifetime, mark, bases[i])
		f.Written += n
		if err != nil {
			return f, fmt.Errorf("table %s: %w", g.Table, err)
		}
	}
	f.Elapsed = time.Since(begin)
	for _, g := range rules {
		if g.Revoke != "" && d.Revoked > 0 {
			if _, err := c.Exec(ctx, g.Revoke, d.Revoked, mark); err != nil {
				return f, fmt.Errorf("revoke in %s: %w", g.Table, err)
			}
		}
		if _, err := c.Exec(ctx, "VACUUM ANALYZE "+g.Table); err != nil {
			return f, fmt.Errorf("vacuum %s: %w", g.Table, err)
		}
	}
	if _, err := c.Exec(ctx, "CHECKPOINT"); err != nil {
		return f, fmt.Errorf("checkpoint: %w", err)
	}
	f.After, err = countRows(ctx, c, rules)
	return f, err
}

// writer is a connection that does not wait for the disk at each commit: a
// checkpoint at the end does it once.
func (s *store) writer(ctx context.Context) (*pgx.Conn, error) {
	c, err := pgx.Connect(ctx, s.dsn.String())
	if err != nil {
		return nil, withoutPassword(err, s.dsn)
	}
	_, err = c.Exec(ctx, "SET session_replication_role = replica; SET synchronous_commit = off; SET "+
		"pg_stat_statements.track = 'none'")
	if err != nil {
		return nil, errors.Join(err, c.Close(ctx))
	}
	return c, nil
}

func countRows(ctx context.Context, c *pgx.Conn, growths []stack.Growth) (map[string]int64, error) {
	counts := map[string]int64{}
	for _, g := range growths {
		var n int64
		if err := c.QueryRow(ctx, "SELECT count(*) FROM "+g.Table).Scan(&n); err != nil {
			return nil, fmt.Errorf("count %s: %w", g.Table, err)
		}
		counts[g.Table] = n
	}
	return counts, nil
}

// readBases asks every growth's query for its number.
func readBases(ctx context.Context, c *pgx.Conn, growths []stack.Growth) ([]int64, error) {
	bases := make([]int64, len(growths))
	for i, g := range growths {
		if g.Base == "" {
			continue
		}
		if err := c.QueryRow(ctx, g.Base).Scan(&bases[i]); err != nil {
			return nil, fmt.Errorf("number %s: %w", g.Table, err)
		}
	}
	return bases, nil
}

// growTable multiplies one table.
func (s *store) growTable(
	ctx context.Context, c *pgx.Conn, g stack.Growth, d stack.Dataset, lifetime time.Duration, mark string, base int64,
) (written int64, err error) {
	rows := g.Rows(d)
	if rows == 0 {
		return 0, nil
	}
	columns, err := tableColumns(ctx, c, g.Table)
	if err != nil {
		return 0, err
	}
	statement := statement(g, columns, d, lifetime, base)
	var batches [][2]int64
	for from := int64(1); from <= rows; from += fillBatch {
		batches = append(batches, [2]int64{from, min(from+fillBatch-1, rows)})
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	counts := make([]int64, fillWriters)
	var writers sync.WaitGroup
	for w := range fillWriters {
		writers.Go(func() {
			n, err := s.write(ctx, statement, mark, batches, w)
			counts[w] = n
			if err != nil {
				stop(err) // the other's error would only be that it was stopped
			}
		})
	}
	writers.Wait()
	for _, n := range counts {
		written += n
	}
	return written, context.Cause(ctx)
}

// write does every batch whose turn it is on one connection.
func (s *store) write(ctx context.Context, statement, mark string, batches [][2]int64, turn int) (written int64,
	err error) {
	c, err := s.writer(ctx)
	if err != nil {
		return 0, err
	}
	defer c.Close(context.WithoutCancel(ctx))
	for i := turn; i < len(batches); i += fillWriters {
		tag, err := c.Exec(ctx, statement, batches[i][0], batches[i][1], mark)
		if err != nil {
			return written, err
		}
		written += tag.RowsAffected()
	}
	return written, nil
}

func tableColumns(ctx context.Context, c *pgx.Conn, table string) (map[string]string, error) {
	rows, err := c.Query(ctx, `SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
		WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`, table)
	if err != nil {
		return nil, err
	}
	columns := map[string]string{}
	var name, kind string
	_, err = pgx.ForEachRow(rows, []any{&name, &kind}, func() error {
		columns[name] = kind
		return nil
	})
	return columns, err
}

// statement inserts the rows numbered $1 to $2 with the mark $3.
func statement(g stack.Growth, columns map[string]string, d stack.Dataset, lifetime time.Duration, base int64) string {
	values := strings.NewReplacer(
		"$clients", strconv.FormatInt(max(d.Clients, 1), 10),
		"$revoked", strconv.FormatFloat(d.Revoked, 'f', -1, 64),
		"$base", strconv.FormatInt(base, 10),
		"$seconds", strconv.FormatInt(int64(lifetime.Seconds()), 10),
	)
	var into, from []string
	for _, name := range slices.Sorted(maps.Keys(columns)) {
		quoted := pgx.Identifier{name}.Sanitize()
		expression, set := g.Set[name]
		switch {
		case set && expression == stack.Omitted:
			continue
		case set:
			from = append(from, "("+values.Replace(expression)+")::"+columns[name])
		default:
			from = append(from, "sample."+quoted)
		}
		into = append(into, quoted)
	}
	where := "true"
	if g.Sample != "" {
		where = g.Sample
	}
	return fmt.Sprintf(`WITH sample AS MATERIALIZED (
		SELECT *, row_number() OVER () - 1 AS fill_number, count(*) OVER () AS fill_count
		FROM (SELECT * FROM %[1]s WHERE %[2]s LIMIT %[3]d) AS few
	), fill AS MATERIALIZED (
		SELECT n, Random() AS r, $3::text AS mark FROM generate_series($1::bigint, $2::bigint) AS n
	)
	INSERT INTO %[1]s (%[4]s) SELECT %[5]s FROM fill JOIN sample ON sample.fill_number = fill.n %% sample.fill_count`,
		g.Table, where, fillSamples, strings.Join(into, ", "), strings.Join(from, ", "))
}
