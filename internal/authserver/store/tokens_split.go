package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// splitTokens is the schema of v2: access and refresh tokens keyed by signature,
// both hanging on a grant. A revoked grant revokes all its tokens by itself, so no
// token inserted at the same moment can be missed.
type splitTokens struct {
	statements
	insertGrantStmt, insertAccessStmt, insertRefreshStmt *sql.Stmt
	rotateStmt, accessStmt, refreshStmt                  *sql.Stmt
	revokeStmt, revokeGrantStmt                          *sql.Stmt
}

func openSplitTokens(ctx context.Context, d *Database) (*splitTokens, error) {
	t := &splitTokens{statements: statements{d: d}}
	t.insertGrantStmt = t.write(ctx, `INSERT INTO grants (id, client_id, subject, scope, extras, auth_time, `+
		`created_at) VALUES (?, ?, ?, ?, ?, ?, ?)`)
	t.insertAccessStmt = t.write(ctx,
		`INSERT INTO access_tokens (signature, grant_id, client_id, subject, scope, extras, issued_at, expires_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
	t.insertRefreshStmt = t.write(ctx,
		`INSERT INTO refresh_tokens (signature, grant_id, issued_at, expires_at) VALUES (?, ?, ?, ?)`)
	t.rotateStmt = t.write(ctx,
		`UPDATE refresh_tokens SET rotated_at = COALESCE(rotated_at, ?) WHERE signature = ?
		AND (rotated_at IS NULL OR rotated_at > ?)
		AND EXISTS (SELECT 1 FROM grants WHERE grants.id = refresh_tokens.grant_id AND grants.revoked_at IS NULL)`)
	t.accessStmt = t.read(ctx,
		`SELECT COALESCE(a.grant_id, ''), a.client_id, a.subject, a.scope, a.extras, a.issued_at, a.issued_at,
		a.expires_at, 0, a.revoked_at IS NOT NULL OR g.revoked_at IS NOT NULL
		FROM access_tokens a LEFT JOIN grants g ON g.id = a.grant_id WHERE a.signature = ?`)
	t.refreshStmt = t.read(ctx,
		`SELECT g.id, g.client_id, g.subject, g.scope, g.extras, g.auth_time, r.issued_at, r.expires_at,
		COALESCE(r.rotated_at, 0), g.revoked_at IS NOT NULL
		FROM refresh_tokens r JOIN grants g ON g.id = r.grant_id WHERE r.signature = ?`)
	t.revokeStmt = t.write(ctx, `UPDATE access_tokens SET revoked_at = ? WHERE signature = ? AND revoked_at IS NULL`)
	t.revokeGrantStmt = t.write(ctx, `UPDATE grants SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL`)
	return t, t.err
}

func (t *splitTokens) accessArgs(x Token) []any {
	return []any{x.Signature, nullable(x.Grant), x.Client, x.Subject, x.Scope, x.encode(),
		x.Issued.UnixMicro(), x.Expires.UnixMicro()}
}

func (t *splitTokens) Insert(ctx context.Context, tx *sql.Tx, access Token, refresh *Token) error {
	scope, more := access.Scope, Extras{Audience: access.Audience}
	if refresh != nil {
		scope, more = refresh.Scope, refresh.Extras
	}
	if _, err := execute(ctx, tx, t.insertGrantStmt, access.Grant, access.Client, access.Subject, scope, more.encode(),
		access.AuthTime.UnixMicro(), access.Issued.UnixMicro()); err != nil {
		return err
	}
	return t.insertPair(ctx, tx, access, refresh)
}

func (t *splitTokens) insertPair(ctx context.Context, tx *sql.Tx, access Token, refresh *Token) error {
	if _, err := execute(ctx, tx, t.insertAccessStmt, t.accessArgs(access)...); err != nil || refresh == nil {
		return err
	}
	_, err := execute(ctx, tx, t.insertRefreshStmt, refresh.Signature, refresh.Grant, refresh.Issued.UnixMicro(),
		refresh.Expires.UnixMicro())
	return err
}

func (t *splitTokens) InsertAccess(ctx context.Context, access Token) error {
	_, err := t.insertAccessStmt.ExecContext(ctx, t.accessArgs(access)...)
	return err
}

func (t *splitTokens) Rotate(ctx context.Context, tx *sql.Tx, old string, now time.Time, grace time.Duration, access,
	refresh Token) (bool, error) {
	n, err := execute(ctx, tx, t.rotateStmt, now.UnixMicro(), old, exchangedAfter(now, grace))
	if err != nil || n == 0 {
		return false, err
	}
	return true, t.insertPair(ctx, tx, access, &refresh)
}

func (t *splitTokens) Access(ctx context.Context, signature string) (Token, error) {
	return t.find(ctx, t.accessStmt, signature)
}

func (t *splitTokens) Refresh(ctx context.Context, signature string) (Token, error) {
	return t.find(ctx, t.refreshStmt, signature)
}

func (t *splitTokens) find(ctx context.Context, stmt *sql.Stmt, signature string) (Token, error) {
	x := Token{Signature: signature}
	var more string
	var authTime, issued, expires, rotated int64
	err := stmt.QueryRowContext(ctx, signature).Scan(&x.Grant, &x.Client, &x.Subject, &x.Scope, &more,
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

func (t *splitTokens) RevokeAccess(ctx context.Context, signature string, now time.Time) error {
	_, err := t.revokeStmt.ExecContext(ctx, now.UnixMicro(), signature)
	return err
}

func (t *splitTokens) RevokeGrant(ctx context.Context, tx *sql.Tx, grant string, now time.Time) error {
	_, err := execute(ctx, tx, t.revokeGrantStmt, now.UnixMicro(), grant)
	return err
}

func (t *splitTokens) RevokeClient(ctx context.Context, tx *sql.Tx, client string, now time.Time) error {
	for _, table := range []string{"access_tokens", "grants"} {
		query := t.d.Bind(`UPDATE ` + table + ` SET revoked_at = ? WHERE client_id = ? AND revoked_at IS NULL`)
		if _, err := tx.ExecContext(ctx, query, now.UnixMicro(), client); err != nil {
			return err
		}
	}
	return nil
}
