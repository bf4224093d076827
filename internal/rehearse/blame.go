package rehearse

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/containers"
	"github.com/oauthbench/oauthbench/scenarios/upgrade"
)

// HookError says that a database refused the user's own SQL.
type HookError struct {
	Flag, File string
	Err        error
}

func (h *HookError) Error() string { return fmt.Sprintf("%s %q, %v", h.Flag, h.File, h.Err) }
func (h *HookError) Unwrap() error { return h.Err }

// hook is SQL of the user with where it comes from.
type hook struct{ flag, file, sql string }

// run runs it in a stack's database. What that refuses is the user's to mend.
func (h hook) run(ctx context.Context, s *containers.Stack) error {
	err := s.Rehearsed().Exec(ctx, h.sql)
	if refused := (*containers.StatementError)(nil); errors.As(err, &refused) {
		return &HookError{h.flag, h.file, refused}
	}
	return err
}

// endedSession is how a database says that somebody has ended it, or its sessions.
var endedSession = regexp.MustCompile(`SQLSTATE 57P0|terminating connection|the database system is `)

// blamed is the error of a step that began at a time and failed: the one that own makes of it, which blames the
// upgrade, when the step had all that it needs: the engine and the databases of the stacks were well, and no disk
// was full. Otherwise it is the error with what was wrong with them.
func blamed(ctx context.Context, since time.Time, err error, own func(error) error, of []*containers.Stack) error {
	if bench.SaysDiskFull(err.Error()) || endedSession.MatchString(err.Error()) {
		return err
	}
	for _, s := range of {
		if s == nil {
			continue
		}
		if ailing := containers.Ailing(ctx, s, since); ailing != nil {
			return fmt.Errorf("%w: %w", ailing, err)
		}
	}
	return own(err)
}

// blamedMigration is the error of a migration on databases of stacks: the migration's own when its command ran
// to its end by itself and had all that it needs.
func blamedMigration(ctx context.Context, since time.Time, err error, of ...*containers.Stack) error {
	ended := (*containers.ExitError)(nil)
	if !errors.As(err, &ended) || ended.Killed() {
		return err
	}
	return blamed(ctx, since, err, func(err error) error { return &upgrade.MigrationFailed{Err: err} }, of)
}

// blamedCopy is the error of a copy: the rows' own when the new database was there and refused them.
func blamedCopy(ctx context.Context, since time.Time, err error, of ...*containers.Stack) error {
	refused := (*containers.CopyError)(nil)
	if !errors.As(err, &refused) || !refused.Rows() {
		return err
	}
	return blamed(ctx, since, err, func(err error) error { return &upgrade.RowsRefused{Err: err} }, of)
}

// blamedStart is the error of a server's start on a database: the version's own when its process ended by
// itself, though it had all that it needs, for a reason that no setting explains.
func blamedStart(ctx context.Context, since time.Time, err error, of ...*containers.Stack) error {
	failed := (*containers.StartError)(nil)
	if !errors.As(err, &failed) || failed.Cure != "" || failed.Ended == nil || failed.Ended.Killed() {
		return err
	}
	return blamed(ctx, since, err, func(err error) error { return &upgrade.NotStarted{Err: err} }, of)
}

// blamedReturn is that of the old version on a database that the new one has migrated: its own as well when it
// waits in vain, for it is not waited for any longer.
func blamedReturn(ctx context.Context, since time.Time, err error, of ...*containers.Stack) error {
	if failed := (*containers.StartError)(nil); !errors.As(err, &failed) {
		return err
	}
	return blamed(ctx, since, err, func(err error) error { return &upgrade.NotStarted{Err: err} }, of)
}

// blamedEmbedded is the error of a migration in this process: its own, unless files or their disk are to blame.
func blamedEmbedded(err error) error {
	if path := (*fs.PathError)(nil); err == nil || errors.As(err, &path) || bench.SaysDiskFull(err.Error()) {
		return err
	}
	return &upgrade.MigrationFailed{Err: err}
}
