package stack

import (
	"context"
	"net/url"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/containers/census"
	"github.com/oauthbench/oauthbench/containers/tokenrows"
)

// Database is a kind of database: all that this package knows of one.
type Database struct {
	Name    string
	Summary string
	Example string // value of db=
	// Tested are the values of db= that the tests start.
	Tested []string
	// Program tells how this version is run.
	Program func(DatabaseSpec) (DatabaseProgram, error)
}

// DatabaseProgram is how one version of a database is run.
type DatabaseProgram struct {
	Image    string
	Settings map[string]string // chosen here, for the Deployment
	Port     int
	Signal   string // that ends it without waiting for its clients
	Shared   int64  // bytes of shared memory that it may use
	// Copy is a script that copies a database on another host, which serves, over this one's.
	Copy func(host string, from, to Account) string
	// Base copies its files instead; nil when that is not known.
	Base  *BaseCopy
	Serve func(Account) Command
	// DSN is the database at host:port.
	DSN func(host string, a Account) *url.URL
	// Ready asks whether it takes connections.
	Ready func(ctx context.Context, dsn *url.URL) error
	// Open connects to it, once it is ready. It must not count as the server's work.
	Open func(ctx context.Context, dsn *url.URL) (Store, error)
}

// Account is the one database and its one user in a stack.
type Account struct{ Database, User, Password string }

// Store is a database that runs. Its methods may be called concurrently.
type Store interface {
	// Settings are what it says of itself: server_version, and what its image sets.
	Settings(context.Context) (map[string]string, error)
	// Counters are its counters of the server's database since its start.
	Counters(context.Context) (bench.DatabaseCounters, error)
	// Watch looks at the connections of the server's database so often, until the context is done.
	Watch(ctx context.Context, every time.Duration) (bench.Waits, error)
	// AtRest waits until all that was done so far is in the counters.
	AtRest(context.Context) error
	// Count asks the server's database a question with two numbers as its answer, after statements in
	// the same session.
	Count(ctx context.Context, query string, before ...string) (first, second int64, err error)
	// Account is what the database tells of its tables and statements.
	Account(context.Context) (census.Census, error)
	// Locks are those held and waited for now.
	Locks(context.Context) (census.Locks, error)
	// Exec runs statements in the server's database; a *StatementError is one that it refused.
	Exec(ctx context.Context, script string, args ...any) error
	// Since reads what was written since a time, and Put inserts such rows.
	Since(ctx context.Context, all []CatchUp, since time.Time) ([][]Row, error)
	Put(ctx context.Context, all []CatchUp, rows [][]Row) (written int64, err error)
	// Follow writes down what becomes of tokens in their tables, Followed reads it, Unfollow removes all.
	Follow(context.Context, []tokenrows.Table) error
	Followed(context.Context) ([]tokenrows.Change, error)
	Unfollow(context.Context) error
	// Run runs statements with the same arguments in one transaction.
	Run(ctx context.Context, statements []string, arguments ...any) error
	// Grow multiplies tables. lifetime is that of access tokens.
	Grow(ctx context.Context, rules []Growth, d Dataset, lifetime time.Duration) (Filled, error)
	Close(context.Context)
}

// Growth is how one table of a server is multiplied: each new row is a copy of one
// that the server wrote itself, with some columns set anew.
type Growth struct {
	Table  string
	Rows   func(Dataset) int64 // how many
	Sample string              // SQL condition for rows to copy, "" for any
	// Set gives SQL expressions by column; a column that the table does not have is
	// left out, and so is one set to Omitted, which takes its default. They may use
	//   fill.n      number of the row, from 1
	//   fill.r      random, 0 to 1, for ages
	//   fill.mark   text that differs from one Fill to the next
	//   $clients    number of clients of the Dataset, at least 1
	//   $revoked    share of revoked tokens
	//   $seconds    lifetime of an access token
	//   $base       what the query Base gave before anything was written
	Set  map[string]string
	Base string
	// Revoke is a statement that revokes the share by what the server itself would do,
	// "" when Set does it. $1 is the share, $2 the mark.
	Revoke string
}

// Omitted is a column's expression that leaves the column to its default.
const Omitted = "-"

// FillClient is the id of the client that a copied token belongs to.
const FillClient = `'fill-' || fill.mark || '-' || (1 + fill.n % $clients)`

// GrantRows is a row for each grant.
func GrantRows(d Dataset) int64 { return d.Grants }

// ClientRows and TokenRows are the usual numbers of rows.
func ClientRows(d Dataset) int64 { return d.Clients }
func TokenRows(d Dataset) int64  { return d.Tokens }
