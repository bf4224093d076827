package upgrade

import (
	"context"
	"time"
)

// MigrationFailed says that the migration ran, with all that it needs, and gave up: a fault of the upgrade.
// Whatever else keeps a step from being done says nothing of it.
type MigrationFailed struct{ Err error }

func (m *MigrationFailed) Error() string { return m.Err.Error() }
func (m *MigrationFailed) Unwrap() error { return m.Err }

// RowsRefused says that the database itself refused to take a copy, because of its rows.
type RowsRefused struct{ Err error }

func (r *RowsRefused) Error() string { return r.Err.Error() }
func (r *RowsRefused) Unwrap() error { return r.Err }

// NotStarted says that a version does not start on the database of another, though nothing else keeps it.
type NotStarted struct{ Err error }

func (n *NotStarted) Error() string { return n.Err.Error() }
func (n *NotStarted) Unwrap() error { return n.Err }

// Upgrade does the steps between two sides. A step that a server or a strategy does not
// have is nil. An error is what kept a step from being done, and no fault of the upgrade unless it is
// a *MigrationFailed, a *RowsRefused or, of Start, a *NotStarted.
type Upgrade struct {
	// Prepare are done when blue has the sessions of the rehearsal, before anything is asked.
	Prepare []Task
	// Changed tells that Prepare changes rows of tokens, so that some may not be good any more.
	Changed bool
	// Preflight counts the rows of blue's database that the migration rejects, changes or drops.
	Preflight func(ctx context.Context) ([]Check, error)
	// Restart restarts blue on its own database.
	Restart func(ctx context.Context) error
	// Copy copies blue's database while it serves. What blue is told after Copy has begun
	// may be missing in the copy. Nil when green takes blue's own database.
	Copy         func(ctx context.Context) error
	CopyCommands []string // for a plan
	// Witness watches the rows of blue from before the copy until all is at green.
	Witness *Witness
	// Migrate brings the database to green's schema: the migration with what the user has
	// done before and after it.
	Migrate []Task
	// Examine counts the rows that the migration has left wrong.
	Examine func(ctx context.Context) ([]Check, error)
	// StopBlue ends the old server.
	StopBlue func(ctx context.Context) error
	// Start starts green on the migrated database.
	Start func(ctx context.Context) (Side, error)
	// CatchUp inserts into green what blue has written since a time, and counts the rows. Nil when
	// what is issued between copy and switch is to be lost.
	CatchUp func(ctx context.Context, since time.Time) (rows int64, err error)
	// CleanUp runs the job that removes what is no longer needed from green's database.
	CleanUp func(ctx context.Context) error
	// Usage reads what the server at a place has spent so far; its time and place are filled in.
	Usage func(ctx context.Context, p Place) (Reading, error)
	// WayBack starts the old version on green's database, as one who wants to go back without
	// losing what green has done. A *NotStarted is that it does not start.
	WayBack func(ctx context.Context) (old Side, stop func(context.Context) error, err error)
	// InPlace migrates blue's own database under it while it serves, once nobody needs it any more;
	// InPlaceRows counts what is wrong in its rows when blue has written more of them. It may be nil.
	InPlace     func(ctx context.Context) error
	InPlaceRows func(ctx context.Context) ([]Check, error)
	// Twin finds out what two instances of the old version heed of each other, as a control of
	// Together, which finds out what blue and green heed while both serve on one database.
	Twin     func(ctx context.Context, blue Side) error
	Together func(ctx context.Context, blue, green Side) ([]Finding, error)
	// Inquiries find out more, when all is at green and the load is off.
	Inquiries []Inquiry
}

// Inquiry is a step that finds out something of its own. It is given the server that has everything.
type Inquiry struct {
	Name string
	Do   func(ctx context.Context, green Side) ([]Finding, error)
}

// Task is one step with its name and, for a plan, its commands.
type Task struct {
	Name     string
	Commands []string
	Do       func(ctx context.Context) error
}

// Check is one question to a database's rows, with its answer.
type Check struct {
	Name  string        `json:"name"`
	Rows  int64         `json:"rows"` // concerned
	Of    int64         `json:"of"`   // looked at
	Means string        `json:"means"`
	Cure  string        `json:"cure,omitempty"`
	Fault bool          `json:"fault,omitempty"` // some rows stand against the upgrade
	Took  time.Duration `json:"took_ns"`
}
