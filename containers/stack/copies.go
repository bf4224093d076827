package stack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"

	"github.com/testcontainers/testcontainers-go/exec"

	"github.com/oauthbench/oauthbench/containers/engine"
)

// CopyFrom copies the database of another stack while that serves. What that is told
// after it has begun is not in the copy. What the database had is gone.
func (r Rehearsed) CopyFrom(ctx context.Context, from *Stack) error {
	return r.inDatabase(ctx, r.stack.database.Copy(from.host, from.account, r.stack.account))
}

// BaseCopy is how a database is copied file by file, with all others of its server. Scripts run in the
// databases' containers.
type BaseCopy struct {
	// Allow lets others copy, in the container that is copied; Forbid takes that back.
	Allow, Forbid string
	// User runs Take, which puts the files into a place of this name, in the container that takes the copy.
	// With a restart they are the database's.
	User string
	Take func(host string, from Account, place string) string
	// Settle is run after the restart.
	Settle func(Account) string
}

// CopyFilesFrom copies the files of another stack's database while that serves, and restarts this
// stack's on them. What that is told after it has begun may be in the copy, and is not once it has ended.
// The error wraps errors.ErrUnsupported when the database has no such copy.
func (r Rehearsed) CopyFilesFrom(ctx context.Context, from *Stack) (err error) {
	base := r.stack.database.Base
	if base == nil {
		return unsupported(r.stack, "copy the files of its database")
	}
	if err := from.Rehearsed().inDatabase(ctx, base.Allow); err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, from.Rehearsed().inDatabase(context.WithoutCancel(ctx), base.Forbid))
	}()
	take := base.Take(from.host, from.account, "copy-"+engine.Random(6))
	if err := r.inDatabase(ctx, take, exec.WithUser(base.User)); err != nil {
		return err
	}
	return errors.Join(restartDatabase(ctx, r.stack), r.inDatabase(ctx, base.Settle(r.stack.account)))
}

// restartDatabase restarts the database and connects to it anew.
func restartDatabase(ctx context.Context, s *Stack) error {
	s.store.Close(ctx)
	if err := s.base.restart(ctx); err != nil {
		return s.builder.explain(fmt.Errorf("restart the database: %w", err), &s.base)
	}
	outside := s.database.DSN(net.JoinHostPort("127.0.0.1", strconv.Itoa(s.basePort)), s.account)
	waiting, cancel := context.WithTimeout(ctx, s.builder.timeout)
	defer cancel()
	ready := answering{func(ctx context.Context) error { return s.database.Ready(ctx, outside) }}
	err := ready.WaitUntilReady(waiting, s.base.container)
	if err == nil {
		s.store, err = s.database.Open(ctx, outside)
	}
	if err != nil {
		return s.builder.explain(fmt.Errorf("restart the database: %w", err), &s.base)
	}
	return s.base.watch(ctx)
}

// inDatabase runs a script in the database's container.
func (r Rehearsed) inDatabase(ctx context.Context, script string, more ...exec.ProcessOption) error {
	options := append([]exec.ProcessOption{exec.WithEnv([]string{"PGPASSWORD=" + r.stack.account.Password}),
		exec.Multiplexed()}, more...)
	code, out, err := r.stack.base.container.Exec(ctx, []string{"sh", "-c", script}, options...)
	if err != nil {
		return fmt.Errorf("copy the database: %w", err)
	}
	text, _ := io.ReadAll(io.LimitReader(out, maxAnswer)) // for the message alone
	if code != 0 {
		return &CopyError{code, r.stack.builder.mask(string(bytes.TrimSpace(text)))}
	}
	return nil
}

// CopyError says that a database was asked for a copy, or to take one, and did not.
type CopyError struct {
	Code int
	Said string
}

// RowsRefused is the code with which a copy ends whose rows the new database did not take.
const RowsRefused = 65 // EX_DATAERR of sysexits.h

// Rows tells whether the new database was there and refused what it was given.
func (c *CopyError) Rows() bool { return c.Code == RowsRefused }

func (c *CopyError) Error() string {
	return fmt.Sprintf("copy the database: it ended with code %d: %s", c.Code, c.Said)
}

// CopyCommands are those that CopyFrom, or CopyFilesFrom, runs, for people.
func (s Spec) CopyCommands(files bool) []string {
	db, err := s.database.Program(s.Database)
	account := Account{"DATABASE", "USER", ""}
	switch {
	case err != nil:
		return nil
	case files && db.Base != nil:
		return []string{db.Base.Allow, db.Base.Take("BLUE", account, "copy"), db.Base.Forbid}
	}
	return []string{db.Copy("BLUE", account, account)}
}
