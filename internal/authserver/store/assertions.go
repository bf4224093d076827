package store

import (
	"context"
	"database/sql"
	"time"
)

// Assertions remembers the assertions that have been used.
type Assertions struct {
	statements
	insertStmt *sql.Stmt
}

func OpenAssertions(ctx context.Context, d *Database) (*Assertions, error) {
	t := &Assertions{statements: statements{d: d}}
	t.insertStmt = t.write(ctx, `INSERT INTO assertions (signature, expires_at) VALUES (?, ?) ON CONFLICT `+
		`(signature) DO NOTHING`)
	return t, t.err
}

// Use tells whether the assertion of a client with an id is used for the first time.
func (t *Assertions) Use(ctx context.Context, client, id string, expires time.Time) (bool, error) {
	result, err := t.insertStmt.ExecContext(ctx, Signature(client+"\n"+id), expires.UnixMicro())
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n == 1, err
}
