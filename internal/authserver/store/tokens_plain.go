package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// plainTokens is the schema of v1: one table, in which the revocation of a grant
// touches every token of it.
type plainTokens struct {
	statements
	insertStmt, rotateStmt, findStmt, revokeStmt, revokeGrantStmt *sql.Stmt
}

func openPlainTokens(ctx context.Context, d *Database) (*plainTokens, error) {
	t := &plainTokens{statements: statements{d: d}}
	t.insertStmt = t.write(ctx,
		`INSERT INTO tokens (signature, kind, grant_id, client_id, subject, scope, extras, auth_time,
			issued_at, expires_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	t.rotateStmt = t.write(ctx, `UPDATE tokens SET rotated_at = COALESCE(rotated_at, ?)
		WHERE signature = ? AND kind = 'refresh' AND (rotated_at IS NULL OR rotated_at > ?) AND revoked_at IS NULL`)
	t.findStmt = t.read(ctx,
		`SELECT COALESCE(grant_id, ''), client_id, subject, scope, extras, auth_time, issued_at, expires_at,
		COALESCE(rotated_at, 0), revoked_at IS NOT NULL FROM tokens WHERE signature = ? AND kind = ?`)
	t.revokeStmt = t.write(ctx, `UPDATE tokens SET revoked_at = ? WHERE signature = ? AND kind = 'access' AND `+
		`revoked_at IS NULL`)
	t.revokeGrantStmt = t.write(ctx, `UPDATE tokens SET revoked_at = ? WHERE grant_id = ? AND revoked_at IS NULL`)
	return t, t.err
}

func (t *plainTokens) args(kind string, x Token) []any {
	return []any{x.Signature, kind, nullable(x.Grant), x.Client, x.Subject, x.Scope, x.encode(),
		x.AuthTime.UnixMicro(), x.Issued.UnixMicro(), x.Expires.UnixMicro()}
}

func (t *plainTokens) Insert(ctx context.Context, tx *sql.Tx, access Token, refresh *Token) error {
	if _, err := execute(ctx, tx, t.insertStmt, t.args("access", access)...); err != nil || refresh == nil {
		return err
	}
	_, err := execute(ctx, tx, t.insertStmt, t.args("refresh", *refresh)...)
	return err
}

func (t *plainTokens) InsertAccess(ctx context.Context, access Token) error {
	_, err := t.insertStmt.ExecContext(ctx, t.args("access", access)...)
	return err
}

func (t *plainTokens) Rotate(ctx context.Context, tx *sql.Tx, old string, now time.Time, grace time.Duration, access,
	refresh Token) (bool, error) {
	// Without the lock a revocation of the grant could miss the rows inserted here.
	if err := t.d.lockGrant(ctx, tx, refresh.Grant); err != nil {
		return false, err
	}
	n, err := execute(ctx, tx, t.rotateStmt, now.UnixMicro(), old, exchangedAfter(now, grace))
	if err != nil || n == 0 {
		return false, err
	}
	return true, t.Insert(ctx, tx, access, &refresh)
}

func (t *plainTokens) Access(ctx context.Context, signature string) (Token, error) {
	return t.find(ctx, signature, "access")
}

func (t *plainTokens) Refresh(ctx context.Context, signature string) (Token, error) {
	return t.find(ctx, signature, "refresh")
}

func (t *plainTokens) find(ctx context.Context, signature, kind string) (Token, error) {
	x := Token{Signature: signature}
	var more string
	var authTime, issued, expires, rotated int64
	err := t.findStmt.QueryRowContext(ctx, signature, kind).Scan(&x.Grant, &x.Client, &x.Subject, &x.Scope, &more,
		&authTime, &issued, &expires, &rotated, &x.Revoked)
	if errors.Is(err, sql.ErrNoRows) {
		return Token{}, ErrNoToken
	}
	x.AuthTime, x.Issued, x.Expires = time.UnixMicro(authTime), time.UnixMicro(issued), time.UnixMicro(expires)
	x.Extras = decodeExtras(more)
	if rotated != 0 {
		x.Rotated = time.UnixMicro(rotated)
	}
	return x, err
}

func (t *plainTokens) RevokeAccess(ctx context.Context, signature string, now time.Time) error {
	_, err := t.revokeStmt.ExecContext(ctx, now.UnixMicro(), signature)
	return err
}

func (t *plainTokens) RevokeGrant(ctx context.Context, tx *sql.Tx, grant string, now time.Time) error {
	if err := t.d.lockGrant(ctx, tx, grant); err != nil {
		return err
	}
	_, err := execute(ctx, tx, t.revokeGrantStmt, now.UnixMicro(), grant)
	return err
}

func (t *plainTokens) RevokeClient(ctx context.Context, tx *sql.Tx, client string, now time.Time) error {
	_, err := tx.ExecContext(ctx, t.d.Bind(
		`UPDATE tokens SET revoked_at = ? WHERE client_id = ? AND revoked_at IS NULL`),
		now.UnixMicro(), client)
	return err
}
