package authserver

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// signInLifetime bounds both the wait for a login and the life of a code, for which
// RFC 6749 section 4.1.2 recommends 10 minutes at most.
const signInLifetime = 10 * time.Minute

// signIn is an authorization request on its way to a code and to tokens, as op wants
// to see it (op.AuthRequest). Its id becomes the id of the grant.
type signIn struct {
	id, clientID, redirectURI  string
	scopes                     []string
	audience                   []string
	state, nonce, responseMode string
	codeChallenge              string // S256
	subject                    string // "" until the login is accepted
	authTime, expires          time.Time
	codeUsed                   bool

	// Set when a code is exchanged.
	client  *client
	current []string // scopes of the access token; nil for scopes
	bound   extras
}

func (s *signIn) GetID() string                      { return s.id }
func (s *signIn) GetACR() string                     { return "" }
func (s *signIn) GetAMR() []string                   { return nil }
func (s *signIn) GetAudience() []string              { return nil }
func (s *signIn) GetAuthTime() time.Time             { return s.authTime }
func (s *signIn) GetClientID() string                { return s.clientID }
func (s *signIn) GetNonce() string                   { return s.nonce }
func (s *signIn) GetRedirectURI() string             { return s.redirectURI }
func (s *signIn) GetResponseType() oidc.ResponseType { return oidc.ResponseTypeCode }
func (s *signIn) GetResponseMode() oidc.ResponseMode { return oidc.ResponseMode(s.responseMode) }
func (s *signIn) GetState() string                   { return s.state }
func (s *signIn) GetSubject() string                 { return s.subject }
func (s *signIn) Done() bool                         { return s.subject != "" }
func (s *signIn) extra() *extras                     { return &s.bound }
func (s *signIn) SetCurrentScopes(scopes []string)   { s.current = scopes }
func (s *signIn) GetScopes() []string {
	if s.current != nil {
		return s.current
	}
	return s.scopes
}
func (s *signIn) GetCodeChallenge() *oidc.CodeChallenge {
	if s.codeChallenge == "" {
		return nil
	}
	return &oidc.CodeChallenge{Challenge: s.codeChallenge, Method: oidc.CodeChallengeMethodS256}
}

// errNoSignIn says that no live authorization request matches.
var errNoSignIn = errors.New("no such authorization request, or it has expired or was used before")

// signInTable may be used by any number of goroutines.
type signInTable struct {
	statements
	insertStmt, byIDStmt, byCodeStmt, acceptStmt, codeStmt, useStmt *sql.Stmt
}

func openSignInTable(ctx context.Context, d *database) (*signInTable, error) {
	const columns = `SELECT id, client_id, redirect_uri, scope, audience, state, nonce, response_mode, code_challenge, subject, auth_time, expires_at,
		code_used_at IS NOT NULL FROM sign_ins WHERE `
	t := &signInTable{statements: statements{d: d}}
	t.insertStmt = t.write(ctx, `INSERT INTO sign_ins (id, client_id, redirect_uri, scope, audience, state, nonce, response_mode, code_challenge, subject, auth_time, expires_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', 0, ?)`)
	t.byIDStmt = t.read(ctx, columns+`id = ?`)
	t.byCodeStmt = t.read(ctx, columns+`code_signature = ?`)
	t.acceptStmt = t.write(ctx, `UPDATE sign_ins SET subject = ?, auth_time = ? WHERE id = ? AND subject = '' AND expires_at > ?`)
	t.codeStmt = t.write(ctx, `UPDATE sign_ins SET code_signature = ?, expires_at = ? WHERE id = ? AND subject <> '' AND code_signature IS NULL AND expires_at > ?`)
	t.useStmt = t.write(ctx, `UPDATE sign_ins SET code_used_at = ? WHERE id = ? AND code_used_at IS NULL`)
	return t, t.err
}

func (t *signInTable) insert(ctx context.Context, s *signIn) error {
	_, err := t.insertStmt.ExecContext(ctx, s.id, s.clientID, s.redirectURI, spaced(s.scopes), spaced(s.audience), s.state, s.nonce, s.responseMode,
		s.codeChallenge, s.expires.UnixMicro())
	return err
}

func (t *signInTable) find(ctx context.Context, stmt *sql.Stmt, key string) (*signIn, error) {
	s := &signIn{}
	var scope, audience string
	var authTime, expires int64
	err := stmt.QueryRowContext(ctx, key).Scan(&s.id, &s.clientID, &s.redirectURI, &scope, &audience, &s.state, &s.nonce, &s.responseMode,
		&s.codeChallenge, &s.subject, &authTime, &expires, &s.codeUsed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errNoSignIn
	}
	s.scopes, s.audience = fields(scope), fields(audience)
	s.authTime, s.expires = time.UnixMicro(authTime), time.UnixMicro(expires)
	return s, err
}

// accept records who has logged in.
func (t *signInTable) accept(ctx context.Context, id, subject string, now time.Time) error {
	return changedOne(t.acceptStmt.ExecContext(ctx, subject, now.UnixMicro(), id, now.UnixMicro()))
}

// setCode records the one code of a request.
func (t *signInTable) setCode(ctx context.Context, id, code string, now time.Time) error {
	return changedOne(t.codeStmt.ExecContext(ctx, signature(code), now.Add(signInLifetime).UnixMicro(), id, now.UnixMicro()))
}

// use spends the code of a request inside tx; it tells false when it was spent before.
func (t *signInTable) use(ctx context.Context, tx *sql.Tx, id string, now time.Time) (bool, error) {
	n, err := execute(ctx, tx, t.useStmt, now.UnixMicro(), id)
	return n == 1, err
}

func changedOne(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err == nil && n != 1 {
		return errNoSignIn
	}
	return err
}
