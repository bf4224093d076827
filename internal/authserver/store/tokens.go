package store

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

// Token is one access or refresh Token at rest.
type Token struct {
	Extras
	Signature       string // of the token's id: the id itself is never stored
	Grant           string // "" for client_credentials, which grants nothing lasting
	Client, Subject string
	Scope           string // of an access token; for a refresh token, what the grant allows
	AuthTime        time.Time
	Issued, Expires time.Time
	Rotated         time.Time // when a refresh token was exchanged first; zero for never
	Revoked         bool
}

// Live tells whether t counts at now: RFC 7519 section 4.1.4 ends a lifetime on the
// instant of exp, not after it.
func (t Token) Live(now time.Time, grace time.Duration) bool {
	return !t.Revoked && !t.Spent(now, grace) && now.Before(t.Expires)
}

// Spent tells whether t is a refresh token that has been exchanged, and not just now.
func (t Token) Spent(now time.Time, grace time.Duration) bool {
	return !t.Rotated.IsZero() && (grace == 0 || now.Sub(t.Rotated) >= grace)
}

// exchangedAfter gives the time after which a refresh token must have been exchanged
// first, in microseconds, to be exchanged again at now.
func exchangedAfter(now time.Time, grace time.Duration) int64 {
	if grace == 0 {
		return math.MaxInt64 // also another one's now, which may be later than ours
	}
	return now.Add(-grace).UnixMicro()
}

// Signature is what is stored of a token's id, so that a copy of the database opens nothing.
func Signature(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:])
}

// ErrNoToken says that no token has the signature.
var ErrNoToken = errors.New("no such token")

// Tokens is the part of the schema in which the generations differ. Methods may
// be called concurrently; a change is seen by every read that starts after the
// method has returned.
type Tokens interface {
	// Insert stores the first tokens of a grant, or a lone access token. refresh may
	// be nil.
	Insert(ctx context.Context, tx *sql.Tx, access Token, refresh *Token) error
	// InsertAccess stores an access token without a grant, in one statement.
	InsertAccess(ctx context.Context, access Token) error
	// Rotate marks old as exchanged and stores its successors. It tells false, and
	// changes nothing, when old is no longer there to be exchanged: when it has been
	// before, for longer than grace.
	Rotate(ctx context.Context, tx *sql.Tx, old string, now time.Time, grace time.Duration, access,
		refresh Token) (bool, error)
	// Access and refresh find a token in any state, or give errNoToken.
	Access(ctx context.Context, signature string) (Token, error)
	Refresh(ctx context.Context, signature string) (Token, error)
	// RevokeAccess revokes one access token.
	RevokeAccess(ctx context.Context, signature string, now time.Time) error
	// RevokeGrant revokes every token of a grant, past and future.
	RevokeGrant(ctx context.Context, tx *sql.Tx, grant string, now time.Time) error
	// RevokeClient revokes every token of a client.
	RevokeClient(ctx context.Context, tx *sql.Tx, client string, now time.Time) error
	Close() error
}

// Transact runs f in a transaction. SQLite begins it as a writer at once.
func (d *Database) Transact(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := d.Write.BeginTx(ctx, nil)
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
	d   *Database
	all []*sql.Stmt
	err error
}

func (s *statements) read(ctx context.Context, query string) *sql.Stmt {
	return s.prepare(ctx, s.d.Read, query)
}

func (s *statements) write(ctx context.Context, query string) *sql.Stmt {
	return s.prepare(ctx, s.d.Write, query)
}

func (s *statements) prepare(ctx context.Context, pool *sql.DB, query string) *sql.Stmt {
	if s.err != nil {
		return nil
	}
	stmt, err := pool.PrepareContext(ctx, s.d.Bind(query))
	if err != nil {
		s.err = fmt.Errorf("prepare %q: %w", query, err)
		return nil
	}
	s.all = append(s.all, stmt)
	return stmt
}

func (s *statements) Close() error {
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
