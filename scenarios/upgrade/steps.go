package upgrade

import (
	"context"
	"time"
)

// Upgrade does the steps between two sides. A step that a server or a strategy does not
// have is nil.
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
	// losing what green has done. The error is that it does not start.
	WayBack func(ctx context.Context) (old Side, stop func(context.Context) error, err error)
	// InPlace migrates blue's own database under it while it serves, once nobody needs it any more.
	InPlace func(ctx context.Context) error
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
