package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Client is one registered client.
type Client struct {
	ID, Name, SecretHash, Method string
	Grants, Scopes, Redirects    []string
	Audience                     []string // that its tokens may be for
	Keys                         string   // JWK Set of its public keys, or ""
	SigningAlg, SubjectDN        string
	AccessLifetime               time.Duration
}

// ErrNoClient says that no client has the id.
var ErrNoClient = errors.New("no such client")

// Clients may be used by any number of goroutines.
type Clients struct {
	statements
	insertStmt, findStmt *sql.Stmt
}

func OpenClients(ctx context.Context, d *Database) (*Clients, error) {
	t := &Clients{statements: statements{d: d}}
	t.insertStmt = t.write(ctx,
		`INSERT INTO clients (id, name, secret_hash, auth_method, grant_types, scope, redirect_uris, access_lifetime,
		extras, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	t.findStmt = t.read(ctx, `SELECT name, secret_hash, auth_method, grant_types, scope, redirect_uris, access_lifetime,
		extras FROM clients WHERE id = ?`)
	return t, t.err
}

func (t *Clients) Insert(ctx context.Context, c Client, now time.Time) error {
	_, err := t.insertStmt.ExecContext(ctx, c.ID, c.Name, c.SecretHash, c.Method, strings.Join(c.Grants, " "),
		strings.Join(c.Scopes, " "), strings.Join(c.Redirects, " "), int64(c.AccessLifetime/time.Second),
		joinExtras(c.SigningAlg, c.SubjectDN, spaced(c.Audience), c.Keys), now.UnixMicro())
	return err
}

// Find gives the client, or ErrNoClient. A lifetime of 0 is the server's own.
func (t *Clients) Find(ctx context.Context, id string) (Client, error) {
	c := Client{ID: id}
	var grants, scope, uris, extras string
	var seconds int64
	err := t.findStmt.QueryRowContext(ctx, id).Scan(&c.Name, &c.SecretHash, &c.Method, &grants, &scope, &uris, &seconds,
		&extras)
	if errors.Is(err, sql.ErrNoRows) {
		return Client{}, ErrNoClient
	}
	if err != nil {
		return Client{}, fmt.Errorf("client %q: %w", id, err)
	}
	c.Grants, c.Scopes, c.Redirects = strings.Fields(grants), strings.Fields(scope), strings.Fields(uris)
	if extras != "" {
		parts := splitExtras(extras, 4)
		c.SigningAlg, c.SubjectDN, c.Audience, c.Keys = parts[0], parts[1], fields(parts[2]), parts[3]
	}
	c.AccessLifetime = time.Duration(seconds) * time.Second
	return c, nil
}
