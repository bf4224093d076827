package authserver

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

func openPlainTokens(ctx context.Context, d *database) (*plainTokens, error) {
	t := &plainTokens{statements: statements{d: d}}
	t.insertStmt = t.write(ctx, `INSERT INTO tokens (signature, kind, grant_id, client_id, subject, scope, extras, auth_time, issued_at, expires_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	t.rotateStmt = t.write(ctx, `UPDATE tokens SET rotated_at = COALESCE(rotated_at, ?)
		WHERE signature = ? AND kind = 'refresh' AND (rotated_at IS NULL OR rotated_at > ?) AND revoked_at IS NULL`)
	t.findStmt = t.read(ctx, `SELECT COALESCE(grant_id, ''), client_id, subject, scope, extras, auth_time, issued_at, expires_at,
		COALESCE(rotated_at, 0), revoked_at IS NOT NULL FROM tokens WHERE signature = ? AND kind = ?`)
	t.revokeStmt = t.write(ctx, `UPDATE tokens SET revoked_at = ? WHERE signature = ? AND kind = 'access' AND revoked_at IS NULL`)
	t.revokeGrantStmt = t.write(ctx, `UPDATE tokens SET revoked_at = ? WHERE grant_id = ? AND revoked_at IS NULL`)
	return t, t.err
}

func (t *plainTokens) args(kind string, x token) []any {
	return []any{x.signature, kind, nullable(x.grant), x.client, x.subject, x.scope, x.encode(),
		x.authTime.UnixMicro(), x.issued.UnixMicro(), x.expires.UnixMicro()}
}

func (t *plainTokens) insert(ctx context.Context, tx *sql.Tx, access token, refresh *token) error {
	if _, err := execute(ctx, tx, t.insertStmt, t.args("access", access)...); err != nil || refresh == nil {
		return err
	}
	_, err := execute(ctx, tx, t.insertStmt, t.args("refresh", *refresh)...)
	return err
}

func (t *plainTokens) insertAccess(ctx context.Context, access token) error {
	_, err := t.insertStmt.ExecContext(ctx, t.args("access", access)...)
	return err
}

func (t *plainTokens) rotate(ctx context.Context, tx *sql.Tx, old string, now time.Time, grace time.Duration, access, refresh token) (bool, error) {
	// Without the lock a revocation of the grant could miss the rows inserted here.
	if err := t.d.lockGrant(ctx, tx, refresh.grant); err != nil {
		return false, err
	}
	n, err := execute(ctx, tx, t.rotateStmt, now.UnixMicro(), old, exchangedAfter(now, grace))
	if err != nil || n == 0 {
		return false, err
	}
	return true, t.insert(ctx, tx, access, &refresh)
}

func (t *plainTokens) access(ctx context.Context, signature string) (token, error) {
	return t.find(ctx, signature, "access")
}

func (t *plainTokens) refresh(ctx context.Context, signature string) (token, error) {
	return t.find(ctx, signature, "refresh")
}

func (t *plainTokens) find(ctx context.Context, signature, kind string) (token, error) {
	x := token{signature: signature}
	var more string
	var authTime, issued, expires, rotated int64
	err := t.findStmt.QueryRowContext(ctx, signature, kind).Scan(&x.grant, &x.client, &x.subject, &x.scope, &more,
		&authTime, &issued, &expires, &rotated, &x.revoked)
	if errors.Is(err, sql.ErrNoRows) {
		return token{}, errNoToken
	}
	x.authTime, x.issued, x.expires = time.UnixMicro(authTime), time.UnixMicro(issued), time.UnixMicro(expires)
	x.extras = decodeExtras(more)
	if rotated != 0 {
		x.rotated = time.UnixMicro(rotated)
	}
	return x, err
}

func (t *plainTokens) revokeAccess(ctx context.Context, signature string, now time.Time) error {
	_, err := t.revokeStmt.ExecContext(ctx, now.UnixMicro(), signature)
	return err
}

func (t *plainTokens) revokeGrant(ctx context.Context, tx *sql.Tx, grant string, now time.Time) error {
	if err := t.d.lockGrant(ctx, tx, grant); err != nil {
		return err
	}
	_, err := execute(ctx, tx, t.revokeGrantStmt, now.UnixMicro(), grant)
	return err
}

func (t *plainTokens) revokeClient(ctx context.Context, tx *sql.Tx, client string, now time.Time) error {
	_, err := tx.ExecContext(ctx, t.d.bind(`UPDATE tokens SET revoked_at = ? WHERE client_id = ? AND revoked_at IS NULL`),
		now.UnixMicro(), client)
	return err
}
