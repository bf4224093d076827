package stack

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

	"oauthbench/internal/oauth"
)

// growth is how one table of a server is multiplied: each new row is a copy of one
// that the server wrote itself, with some columns set anew.
type growth struct {
	table  string
	of     func(Dataset) int64 // how many rows
	sample string              // SQL condition for rows to copy, "" for any
	// set gives SQL expressions by column; a column that the table does not have is
	// left out, and so is one set to omitted, which takes its default. They may use
	//   fill.n      number of the row, from 1
	//   fill.r      random, 0 to 1, for ages
	//   fill.mark   text that differs from one Fill to the next
	//   $clients    number of clients of the Dataset, at least 1
	//   $revoked    share of revoked tokens
	//   $seconds    lifetime of an access token
	//   $base       what the query base gave before anything was written
	set  map[string]string
	base string
	// revoke is a statement that revokes the share by what the server itself would do,
	// "" when set does it. $1 is the share, $2 the mark.
	revoke string
}

const omitted = "-"

func clientRows(d Dataset) int64 { return d.Clients }
func tokenRows(d Dataset) int64  { return d.Tokens }

// Sizes of a Fill. Two writers keep two cores busy; a batch is one transaction.
const (
	fillBatch   = 50_000
	fillWriters = 2
	fillSamples = 50 // tokens minted through the server to be copied
)

// Fill brings the database to the size of d before a measurement: clients and tokens
// are made through the server, then multiplied inside the database with new keys and
// realistic ages. The copies are what the server finds, indexes and deletes; only
// the minted ones can be presented, for nobody knows the copies' secrets. Revoked
// tokens are left as the server's own revocation leaves them.
//
// Foreign keys are not checked while it writes, for the copies refer to what exists;
// at the end the tables are vacuumed and analyzed and a checkpoint is done, so that
// no later trial pays for it. The error wraps errors.ErrUnsupported when the server
// has no rule for it.
func (s *Stack) Fill(ctx context.Context, d Dataset) (Filled, error) {
	f, err := s.fill(ctx, d)
	if err != nil {
		return f, fmt.Errorf("fill the database of %s: %w", s.spec, err)
	}
	return f, nil
}

func (s *Stack) fill(ctx context.Context, d Dataset) (Filled, error) {
	f := Filled{Dataset: d}
	if len(s.program.grow) == 0 {
		return f, fmt.Errorf("%s has no rule for it: %w", s.spec.Server, errors.ErrUnsupported)
	}
	if err := s.mintSamples(ctx); err != nil {
		return f, fmt.Errorf("make samples: %w", err)
	}
	c, err := s.writer(ctx)
	if err != nil {
		return f, err
	}
	defer c.Close(context.WithoutCancel(ctx))
	if f.Before, err = countRows(ctx, c, s.program.grow); err != nil {
		return f, err
	}
	bases, err := readBases(ctx, c, s.program.grow)
	if err != nil {
		return f, err
	}
	mark := random(6)
	begin := time.Now()
	for i, g := range s.program.grow {
		n, err := s.grow(ctx, c, g, d, mark, bases[i])
		f.Written += n
		if err != nil {
			return f, fmt.Errorf("table %s: %w", g.table, err)
		}
	}
	f.Elapsed = time.Since(begin)
	for _, g := range s.program.grow {
		if g.revoke != "" && d.Revoked > 0 {
			if _, err := c.Exec(ctx, g.revoke, d.Revoked, mark); err != nil {
				return f, fmt.Errorf("revoke in %s: %w", g.table, err)
			}
		}
		if _, err := c.Exec(ctx, "VACUUM ANALYZE "+g.table); err != nil {
			return f, fmt.Errorf("vacuum %s: %w", g.table, err)
		}
	}
	if _, err := c.Exec(ctx, "CHECKPOINT"); err != nil {
		return f, fmt.Errorf("checkpoint: %w", err)
	}
	f.After, err = countRows(ctx, c, s.program.grow)
	return f, err
}

// mintSamples makes a client and some tokens through the server.
func (s *Stack) mintSamples(ctx context.Context) error {
	cred, err := s.RegisterClient(ctx, oauth.ClientSpec{
		Name: "sample of a data set", AuthMethod: oauth.AuthBasic, GrantTypes: []string{"client_credentials"}, Scope: "read",
	})
	if err != nil {
		return err
	}
	request := oauth.ClientCredentials(s.Endpoints().Token, cred, "read")
	for range fillSamples {
		if _, err := s.token(ctx, request); err != nil {
			return err
		}
	}
	return nil
}

// writer is a connection that does not wait for the disk at each commit: a
// checkpoint at the end does it once.
func (s *Stack) writer(ctx context.Context) (*pgx.Conn, error) {
	c, err := pgx.Connect(ctx, s.outside.String())
	if err != nil {
		return nil, withoutPassword(err, s.outside.String())
	}
	_, err = c.Exec(ctx, "SET session_replication_role = replica; SET synchronous_commit = off; SET pg_stat_statements.track = 'none'")
	if err != nil {
		return nil, errors.Join(err, c.Close(ctx))
	}
	return c, nil
}

func countRows(ctx context.Context, c *pgx.Conn, growths []growth) (map[string]int64, error) {
	counts := map[string]int64{}
	for _, g := range growths {
		var n int64
		if err := c.QueryRow(ctx, "SELECT count(*) FROM "+g.table).Scan(&n); err != nil {
			return nil, fmt.Errorf("count %s: %w", g.table, err)
		}
		counts[g.table] = n
	}
	return counts, nil
}

// readBases asks every growth's query for its number.
func readBases(ctx context.Context, c *pgx.Conn, growths []growth) ([]int64, error) {
	bases := make([]int64, len(growths))
	for i, g := range growths {
		if g.base == "" {
			continue
		}
		if err := c.QueryRow(ctx, g.base).Scan(&bases[i]); err != nil {
			return nil, fmt.Errorf("number %s: %w", g.table, err)
		}
	}
	return bases, nil
}

// grow multiplies one table.
func (s *Stack) grow(ctx context.Context, c *pgx.Conn, g growth, d Dataset, mark string, base int64) (written int64, err error) {
	rows := g.of(d)
	if rows == 0 {
		return 0, nil
	}
	columns, err := tableColumns(ctx, c, g.table)
	if err != nil {
		return 0, err
	}
	statement := g.statement(columns, d, s.accessLifetime(), base)
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
func (s *Stack) write(ctx context.Context, statement, mark string, batches [][2]int64, turn int) (written int64, err error) {
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
func (g growth) statement(columns map[string]string, d Dataset, lifetime time.Duration, base int64) string {
	values := strings.NewReplacer(
		"$clients", strconv.FormatInt(max(d.Clients, 1), 10),
		"$revoked", strconv.FormatFloat(d.Revoked, 'f', -1, 64),
		"$base", strconv.FormatInt(base, 10),
		"$seconds", strconv.FormatInt(int64(lifetime.Seconds()), 10),
	)
	var into, from []string
	for _, name := range slices.Sorted(maps.Keys(columns)) {
		quoted := pgx.Identifier{name}.Sanitize()
		expression, set := g.set[name]
		switch {
		case set && expression == omitted:
			continue
		case set:
			from = append(from, "("+values.Replace(expression)+")::"+columns[name])
		default:
			from = append(from, "sample."+quoted)
		}
		into = append(into, quoted)
	}
	where := "true"
	if g.sample != "" {
		where = g.sample
	}
	return fmt.Sprintf(`WITH sample AS MATERIALIZED (
		SELECT *, row_number() OVER () - 1 AS fill_number, count(*) OVER () AS fill_count
		FROM (SELECT * FROM %[1]s WHERE %[2]s LIMIT %[3]d) AS few
	), fill AS MATERIALIZED (
		SELECT n, random() AS r, $3::text AS mark FROM generate_series($1::bigint, $2::bigint) AS n
	)
	INSERT INTO %[1]s (%[4]s) SELECT %[5]s FROM fill JOIN sample ON sample.fill_number = fill.n %% sample.fill_count`,
		g.table, where, fillSamples, strings.Join(into, ", "), strings.Join(from, ", "))
}

// accessLifetime is that of the server's access tokens, 1 h unless it was set.
func (s *Stack) accessLifetime() time.Duration {
	if d, err := time.ParseDuration(s.program.settings["access_ttl"]); err == nil {
		return d
	}
	return time.Hour
}
