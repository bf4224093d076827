package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/oauthbench/oauthbench/containers/census"
	"github.com/oauthbench/oauthbench/containers/tokenrows"
)

// Upgrade is what a server's folder says of being replaced by a later version, for a
// rehearsal. What a server does not have is nil.
type Upgrade struct {
	// Migrate brings a database to this version's schema before the server starts; nil when
	// Program.Migrate does.
	Migrate func(Site) []Command
	// CleanUp is the job that removes what is no longer needed; run runs a command in a
	// container of the server's image.
	CleanUp func(ctx context.Context, a *Access, run func(context.Context, Command) error) error
	// EndConsent ends all grants of a user, DeleteClient a client with its grants; ChangeClient gives a
	// client other metadata, by their names in RFC 7591, and leaves the rest as it is.
	EndConsent   func(ctx context.Context, a *Access, subject string) error
	DeleteClient func(ctx context.Context, a *Access, id string) error
	ChangeClient func(ctx context.Context, a *Access, id string, metadata map[string]any) error
	// Keeps are further kinds of things that the server keeps, beside tokens.
	Keeps []Keep
	// Preflight asks the rows of this version, as the source, what the migration to another
	// version does with them; Examine asks the rows of this version, when they have been
	// migrated, what was left wrong.
	Preflight func(to string) []RowCheck
	Examine   []RowCheck
	// Repair is SQL for the migrated database that mends what Examine finds, tried with this
	// version; "" for none.
	Repair string
	// CatchUp are the rows that a release wrote after it was copied, as rows of this one, in an
	// order in which each finds what it refers to; nil when that is not known of the release.
	CatchUp func(from string) []CatchUp
	// Rows say how tokens of this version live and end in its rows; nil when that is not known.
	Rows *tokenrows.Rules
	// Made names for a table that the migration to this version makes the one of the version before
	// whose rows become its own.
	Made map[string]string
	// Published are totals of the migration to this version that others have made known.
	Published []census.Published
	// Growth multiplies whole grants, in this order; see Dataset.Grants.
	Growth []Growth
	// Beside are settings that instances need which serve beside each other, as in a rolling update.
	Beside map[string]string
	// Export has this version write the SQL of its migration into a file and change nothing; nil where
	// it cannot. It ends by itself, or serves where there is nothing to migrate.
	Export func(Site) (c Command, file string)
	// Start says how a start of this version can be watched that migrates by itself; the zero value
	// where a server migrates before it starts.
	Start StartSigns
	// Compatible says how versions tell whether both can serve at once; the zero value where they cannot.
	Compatible Compatibility
	// Beneath is SQL that ends an access token as the server's own rows say it, for who writes it
	// beneath a server that runs; nil where that is not known.
	Beneath func(token string) (script string, arguments []any, err error)
}

// Compatibility is how versions of a server tell themselves whether they can serve beside each other.
type Compatibility struct {
	// Describe has the old version write into a file what it is, and Check has the new one judge that: it
	// fails where both cannot serve at once.
	Describe func(Site) (c Command, file string)
	Check    func(at Site, description string) Command
	Says     string // a word of the lines that say why
}

// StartSigns are addresses that tell how far a start is.
type StartSigns struct {
	// Up are those by which an orchestrator tells that a process lives and has started, by name.
	Up map[string]func(Site) string
	// Serves answers 200 once the server does what it is for.
	Serves func(Site) string
}

// CatchUp is how one table takes what another release wrote after the copy.
type CatchUp struct {
	Table string // of this release
	// Query gives its columns by their names, on the other release's database; those that the table
	// does not have are left out. $1 is the time since which rows are wanted, in UTC.
	Query string
	Set   map[string]string // SQL expressions of columns that this database gives
	// Update names the columns by which a row is known that is there already, and takes the new
	// values; "" leaves such a row as it is.
	Update string
}

// Row is one row by its columns.
type Row map[string]json.RawMessage

// CatchUp inserts what another stack has written since a time into the server's database, and counts
// the rows. It fails with errors.ErrUnsupported when nobody knows how. Where it is repeated, nothing
// comes twice.
func (r Rehearsed) CatchUp(ctx context.Context, from *Stack, since time.Time) (written int64, err error) {
	rules := r.catchUps(from.spec.Version)
	if rules == nil {
		return 0, unsupported(r.stack, "take what "+from.spec.Version+" wrote after the copy")
	}
	rows, err := from.store.Since(ctx, rules, since)
	if err != nil {
		return 0, err
	}
	return r.stack.store.Put(ctx, rules, rows)
}

func (r Rehearsed) catchUps(from string) []CatchUp {
	if r.stack.program.Upgrade.CatchUp == nil {
		return nil
	}
	return r.stack.program.Upgrade.CatchUp(from)
}

// SessionRows are the rows of a stack's database in which tokens are.
type SessionRows struct {
	*tokenrows.Rules // nil when they are not known
	stack            *Stack
}

// SessionRows are those of the stack's release.
func (r Rehearsed) SessionRows() SessionRows {
	return SessionRows{r.stack.program.Upgrade.Rows, r.stack}
}

// Follow writes down from now on what becomes of tokens.
func (t SessionRows) Follow(ctx context.Context) error { return t.stack.store.Follow(ctx, t.Tables) }

// Followed are the changes since Follow, in order.
func (t SessionRows) Followed(ctx context.Context) ([]tokenrows.Change, error) {
	return t.stack.store.Followed(ctx)
}

// Unfollow removes all that Follow has made; where there is nothing, it is no error.
func (t SessionRows) Unfollow(ctx context.Context) error { return t.stack.store.Unfollow(ctx) }

// Run runs statements of the Rules in one transaction.
func (t SessionRows) Run(ctx context.Context, statements []string, arguments ...any) error {
	return t.stack.store.Run(ctx, statements, arguments...)
}

// Keep is one kind of thing that a server keeps.
type Keep struct {
	Name string
	Lost string // what it means when it is lost, and what to do
	// Minor says that losing it costs a moment and nothing that lasts.
	Minor bool
	// Make makes one of a new client for a user whom nothing else has; Alive, perhaps of
	// another version, tells whether it is still good.
	Make  func(ctx context.Context, a *Access, b *Browser, subject string) (thing string, err error)
	Alive func(ctx context.Context, a *Access, b *Browser, thing string) (bool, error)
}

// RowCheck is one question to the rows of a database.
type RowCheck struct {
	Name   string
	Before string // statements before the question, in its session; they leave nothing
	Query  string // gives two numbers: rows concerned, rows looked at
	Means  string // what the migration does with them
	Cure   string // what to do
	Fault  bool   // rows concerned stand against the upgrade
}

// Upgrade is what the server's folder says of being replaced.
func (r Rehearsed) Upgrade() Upgrade { return r.stack.program.Upgrade }

// EndConsent ends all grants of a user through the server's administration. The error
// wraps errors.ErrUnsupported when the server has no such door.
func (s *Stack) EndConsent(ctx context.Context, subject string) error {
	if s.program.Upgrade.EndConsent == nil {
		return unsupported(s, "end the consent of a user")
	}
	return s.program.Upgrade.EndConsent(ctx, s.access, subject)
}

// DeleteClient deletes a client with its grants, likewise.
func (s *Stack) DeleteClient(ctx context.Context, id string) error {
	if s.program.Upgrade.DeleteClient == nil {
		return unsupported(s, "delete a client")
	}
	return s.program.Upgrade.DeleteClient(ctx, s.access, id)
}

// ChangeClient gives a client other metadata, by their names in RFC 7591, likewise; the rest stays as it is.
func (r Rehearsed) ChangeClient(ctx context.Context, id string, metadata map[string]any) error {
	if r.stack.program.Upgrade.ChangeClient == nil {
		return unsupported(r.stack, "change a client")
	}
	return r.stack.program.Upgrade.ChangeClient(ctx, r.stack.access, id, metadata)
}

// Make makes a thing of a kind that the server keeps; Alive tells whether it is good.
func (r Rehearsed) Make(ctx context.Context, k Keep, subject string) (thing string, err error) {
	return k.Make(ctx, r.stack.access, browserOf(r.stack), subject)
}

// Alive tells whether a thing that another version has made is still good.
func (r Rehearsed) Alive(ctx context.Context, k Keep, thing string) (bool, error) {
	return k.Alive(ctx, r.stack.access, browserOf(r.stack), thing)
}

// unsupported says what a server cannot do.
func unsupported(s *Stack, what string) error {
	return fmt.Errorf("%s cannot %s: %w", s.spec.Server, what, errors.ErrUnsupported)
}
