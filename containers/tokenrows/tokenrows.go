// Package tokenrows says how tokens live and end in the rows of a server's database: as statements, for
// who replays a revocation without the server, and as tables, for who watches what ends there. It is
// data that a server's folder gives and a database's folder uses.
package tokenrows

import "time"

// Rules are those of one release. Statements of one act are run one after another in one transaction,
// and do nothing more when they are repeated.
type Rules struct {
	// Marks are what rows may know a token by.
	Marks func(token string) []string
	// Revoke ends the grant that a token is of. $1 are marks of the token, as text[].
	Revoke []string
	// Rotate makes a refresh token that was exchanged worthless, and its access tokens. $1 likewise.
	Rotate []string
	// Subject ends what a user, $1, has granted until a time, $2.
	Subject []string
	// Client deletes a client, $1, with its grants.
	Client []string
	// Secret gives a client, $1, a secret, whose hash, $2, Hash makes.
	Secret []string
	Hash   func(secret string) (string, error)
	// Metadata give a client, $1, other metadata, $2 as JSON, by their names in RFC 7591.
	Metadata map[string][]string
	// Grants ends grants by their names, $1, as text[].
	Grants []string
	// Tables have the tokens.
	Tables []Table
}

// Table is one that has tokens, with its columns; "" for one that it does not have.
type Table struct {
	Name                         string
	Mark, Grant, Client, Subject string
	// Live is a condition on row that holds while the token is good.
	Live    string
	Refresh bool // It has refresh tokens, which replace one another.
}

// Change is one row that was made, or whose token ended.
type Change struct {
	Transaction                  int64
	At                           time.Time
	Made                         bool
	Mark, Grant, Client, Subject string
}
