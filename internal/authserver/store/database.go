package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // the driver "sqlite", pure Go

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
)

const (
	sqliteReaders   = 8  // connections; readers never wait for the writer under WAL
	postgresClients = 24 // connections; four servers fit PostgreSQL's default of 100
)

// Database is SQL on one of two engines. The SQL itself is common to both: this
// file is all that differs. It may be used by any number of goroutines.
type Database struct {
	Read, Write *sql.DB // write is a single connection on SQLite, the same pool as read on PostgreSQL
	Postgres    bool
	schema      string // PostgreSQL only
}

// OpenSQLite opens or creates the database in file. One connection writes, so that
// writers queue in database/sql and none ever sees SQLITE_BUSY.
func OpenSQLite(file string) (*Database, error) {
	dsn := func(more string) string {
		pragmas := url.Values{"_pragma": {
			"busy_timeout(10000)", "journal_mode(" + settings.SQLiteJournalMode + ")",
			"synchronous(" + settings.SQLiteSynchronous + ")", "foreign_keys(1)",
		}}
		return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath(),
			RawQuery: pragmas.Encode() + more}).String()
	}
	write, err := sql.Open("sqlite", dsn("&_txlock=immediate"))
	if err != nil {
		return nil, err
	}
	read, err := sql.Open("sqlite", dsn("&_query_only=1"))
	if err != nil {
		write.Close()
		return nil, err
	}
	write.SetMaxOpenConns(1)
	read.SetMaxOpenConns(sqliteReaders)
	read.SetMaxIdleConns(sqliteReaders)
	return &Database{Read: read, Write: write}, nil
}

// schemaName is what may be put into SQL as an identifier, unquoted.
var schemaName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// OpenPostgres opens the server at dsn and confines the connections to schema,
// which it creates when it is missing.
func OpenPostgres(ctx context.Context, dsn, schema string) (*Database, error) {
	if !schemaName.MatchString(schema) {
		return nil, fmt.Errorf("schema %q: use lower-case letters, digits and _, at most 63", schema)
	}
	config, err := parsePostgres(dsn)
	if err != nil {
		return nil, err
	}
	config.RuntimeParams["search_path"] = schema
	pool := stdlib.OpenDB(*config)
	pool.SetMaxOpenConns(postgresClients)
	pool.SetMaxIdleConns(postgresClients)
	if _, err := pool.ExecContext(ctx, "CREATE SCHEMA IF NOT EXISTS "+schema); err != nil {
		pool.Close()
		return nil, fmt.Errorf("create schema %q: %w", schema, err)
	}
	return &Database{Read: pool, Write: pool, Postgres: true, schema: schema}, nil
}

// SchemaPrefix begins every schema that we make, and may drop.
const SchemaPrefix = "oauthbench_"

// NewSchemaName names a schema of this process that is not there yet.
func NewSchemaName() string {
	return fmt.Sprintf("%s%d_%s", SchemaPrefix, os.Getpid(), strings.ToLower(rand.Text()[:10]))
}

// DropSchema removes everything a server kept at dsn.
func DropSchema(ctx context.Context, dsn, schema string) error {
	if !schemaName.MatchString(schema) {
		return fmt.Errorf("schema %q is not one of ours", schema)
	}
	config, err := parsePostgres(dsn)
	if err != nil {
		return err
	}
	pool := stdlib.OpenDB(*config)
	defer pool.Close()
	_, err = pool.ExecContext(ctx, "DROP SCHEMA IF EXISTS "+schema+" CASCADE")
	return err
}

// parsePostgres keeps the DSN, which may carry a password, out of the error.
func parsePostgres(dsn string) (*pgx.ConnConfig, error) {
	if dsn == "" {
		return nil, fmt.Errorf("db=postgres needs a data source name: set the environment variable %s",
			settings.PostgresVariable)
	}
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("the environment variable %s is not a data source name: use "+
			"postgres://user:password@127.0.0.1:5432/database", settings.PostgresVariable)
	}
	return config, nil
}

// Bind turns the ? of our SQL into the $n of PostgreSQL. Our SQL has no ? elsewhere.
func (d *Database) Bind(query string) string {
	if !d.Postgres {
		return query
	}
	var b strings.Builder
	n := 0
	for _, r := range query {
		if r != '?' {
			b.WriteRune(r)
			continue
		}
		n++
		b.WriteString("$" + strconv.Itoa(n))
	}
	return b.String()
}

// lockGrant makes transactions on one grant take turns until tx ends. SQLite has
// one writer and needs no lock.
func (d *Database) lockGrant(ctx context.Context, tx *sql.Tx, grant string) error {
	if !d.Postgres {
		return nil
	}
	_, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", d.schema+"/"+grant)
	return err
}
