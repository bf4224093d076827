package authserver

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"time"
)

// token is one access or refresh token at rest.
type token struct {
	extras
	signature       string // of the token's id: the id itself is never stored
	grant           string // "" for client_credentials, which grants nothing lasting
	client, subject string
	scope           string // of an access token; for a refresh token, what the grant allows
	authTime        time.Time
	issued, expires time.Time
	rotated         time.Time // when a refresh token was exchanged first; zero for never
	revoked         bool
}

// live tells whether t counts at now: RFC 7519 section 4.1.4 ends a lifetime on the
// instant of exp, not after it.
func (t token) live(now time.Time, grace time.Duration) bool {
	return !t.revoked && !t.spent(now, grace) && now.Before(t.expires)
}

// spent tells whether t is a refresh token that has been exchanged, and not just now.
func (t token) spent(now time.Time, grace time.Duration) bool {
	return !t.rotated.IsZero() && (grace == 0 || now.Sub(t.rotated) >= grace)
}

// exchangedAfter gives the time after which a refresh token must have been exchanged
// first, in microseconds, to be exchanged again at now.
func exchangedAfter(now time.Time, grace time.Duration) int64 {
	if grace == 0 {
		return math.MaxInt64 // also another one's now, which may be later than ours
	}
	return now.Add(-grace).UnixMicro()
}

// signature is what is stored of a token's id, so that a copy of the database opens nothing.
func signature(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:])
}

// errNoToken says that no token has the signature.
var errNoToken = errors.New("no such token")

// tokenTables is the part of the schema in which the generations differ. Methods may
// be called concurrently; a change is seen by every read that starts after the
// method has returned.
type tokenTables interface {
	// insert stores the first tokens of a grant, or a lone access token. refresh may
	// be nil.
	insert(ctx context.Context, tx *sql.Tx, access token, refresh *token) error
	// insertAccess stores an access token without a grant, in one statement.
	insertAccess(ctx context.Context, access token) error
	// rotate marks old as exchanged and stores its successors. It tells false, and
	// changes nothing, when old is no longer there to be exchanged: when it has been
	// before, for longer than grace.
	rotate(ctx context.Context, tx *sql.Tx, old string, now time.Time, grace time.Duration, access, refresh token) (bool, error)
	// access and refresh find a token in any state, or give errNoToken.
	access(ctx context.Context, signature string) (token, error)
	refresh(ctx context.Context, signature string) (token, error)
	// revokeAccess revokes one access token.
	revokeAccess(ctx context.Context, signature string, now time.Time) error
	// revokeGrant revokes every token of a grant, past and future.
	revokeGrant(ctx context.Context, tx *sql.Tx, grant string, now time.Time) error
	// revokeClient revokes every token of a client.
	revokeClient(ctx context.Context, tx *sql.Tx, client string, now time.Time) error
	close() error
}

// transact runs f in a transaction. SQLite begins it as a writer at once.
func (d *database) transact(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := d.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// statements are prepared once and closed together.
type statements struct {
	d   *database
	all []*sql.Stmt
	err error
}

func (s *statements) read(ctx context.Context, query string) *sql.Stmt {
	return s.prepare(ctx, s.d.read, query)
}

func (s *statements) write(ctx context.Context, query string) *sql.Stmt {
	return s.prepare(ctx, s.d.write, query)
}

func (s *statements) prepare(ctx context.Context, pool *sql.DB, query string) *sql.Stmt {
	if s.err != nil {
		return nil
	}
	stmt, err := pool.PrepareContext(ctx, s.d.bind(query))
	if err != nil {
		s.err = fmt.Errorf("prepare %q: %w", query, err)
		return nil
	}
	s.all = append(s.all, stmt)
	return stmt
}

func (s *statements) close() error {
	var errs []error
	for _, stmt := range s.all {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(errs...)
}

// execute runs a prepared statement inside tx and tells how many rows it changed.
func execute(ctx context.Context, tx *sql.Tx, stmt *sql.Stmt, args ...any) (int64, error) {
	result, err := tx.StmtContext(ctx, stmt).ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// nullable stores "" as NULL.
func nullable(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }
