package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// SignInLifetime bounds both the wait for a login and the life of a code, for which
// RFC 6749 section 4.1.2 recommends 10 minutes at most.
const SignInLifetime = 10 * time.Minute

// SignIn is an authorization request on its way to a code. Its id becomes the id of the
// grant.
type SignIn struct {
	ID, ClientID, RedirectURI  string
	Scopes                     []string
	Audience                   []string
	State, Nonce, ResponseMode string
	CodeChallenge              string // S256
	Subject                    string // "" until the login is accepted
	AuthTime, Expires          time.Time
	CodeUsed                   bool
}

// ErrNoSignIn says that no live authorization request matches.
var ErrNoSignIn = errors.New("no such authorization request, or it has expired or was used before")

// SignIns may be used by any number of goroutines.
type SignIns struct {
	statements
	insertStmt, byIDStmt, byCodeStmt, acceptStmt, codeStmt, useStmt *sql.Stmt
}

func OpenSignIns(ctx context.Context, d *Database) (*SignIns, error) {
	const columns = `SELECT id, client_id, redirect_uri, scope, audience, state, nonce, response_mode,
		code_challenge, subject, auth_time, expires_at, code_used_at IS NOT NULL FROM sign_ins WHERE `
	t := &SignIns{statements: statements{d: d}}
	t.insertStmt = t.write(ctx,
		`INSERT INTO sign_ins (id, client_id, redirect_uri, scope, audience, state, nonce, response_mode,
			code_challenge, subject, auth_time, expires_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', 0, ?)`)
	t.byIDStmt = t.read(ctx, columns+`id = ?`)
	t.byCodeStmt = t.read(ctx, columns+`code_signature = ?`)
	t.acceptStmt = t.write(ctx, `UPDATE sign_ins SET subject = ?, auth_time = ? WHERE id = ? AND subject = '' AND `+
		`expires_at > ?`)
	t.codeStmt = t.write(ctx, `UPDATE sign_ins SET code_signature = ?, expires_at = ? WHERE id = ? AND subject <> '' `+
		`AND code_signature IS NULL AND expires_at > ?`)
	t.useStmt = t.write(ctx, `UPDATE sign_ins SET code_used_at = ? WHERE id = ? AND code_used_at IS NULL`)
	return t, t.err
}

func (t *SignIns) Insert(ctx context.Context, s SignIn) error {
	_, err := t.insertStmt.ExecContext(ctx, s.ID, s.ClientID, s.RedirectURI, spaced(s.Scopes), spaced(s.Audience),
		s.State, s.Nonce, s.ResponseMode,
		s.CodeChallenge, s.Expires.UnixMicro())
	return err
}

// ByID and ByCode find a request in any state, or give ErrNoSignIn.
func (t *SignIns) ByID(ctx context.Context, id string) (SignIn, error) {
	return t.find(ctx, t.byIDStmt, id)
}

func (t *SignIns) ByCode(ctx context.Context, code string) (SignIn, error) {
	return t.find(ctx, t.byCodeStmt, Signature(code))
}

func (t *SignIns) find(ctx context.Context, stmt *sql.Stmt, key string) (SignIn, error) {
	var s SignIn
	var scope, audience string
	var authTime, expires int64
	err := stmt.QueryRowContext(ctx, key).Scan(&s.ID, &s.ClientID, &s.RedirectURI, &scope, &audience, &s.State,
		&s.Nonce, &s.ResponseMode,
		&s.CodeChallenge, &s.Subject, &authTime, &expires, &s.CodeUsed)
	if errors.Is(err, sql.ErrNoRows) {
		return SignIn{}, ErrNoSignIn
	}
	s.Scopes, s.Audience = fields(scope), fields(audience)
	s.AuthTime, s.Expires = time.UnixMicro(authTime), time.UnixMicro(expires)
	return s, err
}

// Accept records who has logged in.
func (t *SignIns) Accept(ctx context.Context, id, subject string, now time.Time) error {
	return changedOne(t.acceptStmt.ExecContext(ctx, subject, now.UnixMicro(), id, now.UnixMicro()))
}

// SetCode records the one code of a request.
func (t *SignIns) SetCode(ctx context.Context, id, code string, now time.Time) error {
	return changedOne(t.codeStmt.ExecContext(ctx, Signature(code), now.Add(SignInLifetime).UnixMicro(), id,
		now.UnixMicro()))
}

// Use spends the code of a request inside tx; it tells false when it was spent before.
func (t *SignIns) Use(ctx context.Context, tx *sql.Tx, id string, now time.Time) (bool, error) {
	n, err := execute(ctx, tx, t.useStmt, now.UnixMicro(), id)
	return n == 1, err
}

func changedOne(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err == nil && n != 1 {
		return ErrNoSignIn
	}
	return err
}
