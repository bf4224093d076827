package rehearse

import (
	"context"
	"errors"
	"sync"
	"time"

	"oauthbench/containers"
	"oauthbench/containers/census"
	"oauthbench/internal/rehearse/account"
	"oauthbench/internal/rehearse/projected"
	"oauthbench/scenarios/upgrade"
)

// successor makes green's place once: on a database of its own, or on blue's.
func (c *contained) successor(ctx context.Context) (err error) {
	if c.green == nil {
		share := c.options.Strategy != upgrade.BlueGreen
		c.green, err = c.blue.Rehearsed().Successor(ctx, c.to, c.stackOptions(), share)
	}
	return err
}

func (c *contained) copy(ctx context.Context, report *Report) error {
	if err := c.successor(ctx); err != nil {
		return err
	}
	begun := time.Now()
	if err := c.green.Rehearsed().CopyFrom(ctx, c.blue); err != nil {
		return err
	}
	census, err := c.green.Rehearsed().Account(ctx)
	report.Copied = Copied{census.Bytes, time.Since(begun)}
	return err
}

// migrate is the migration with the user's own SQL around it.
func (c *contained) migrate(report *Report) (all []upgrade.Task) {
	hook := func(name, sql string) {
		if sql != "" {
			all = append(all, upgrade.Task{Name: "run --" + name, Commands: []string{"psql GREEN -f FILE.sql"},
				Do: func(ctx context.Context) error {
					return errors.Join(c.successor(ctx), c.green.Rehearsed().Exec(ctx, sql))
				}})
		}
	}
	what := "migrate the copy"
	if c.options.Strategy != upgrade.BlueGreen {
		what = "migrate blue's own database"
	}
	hook("before-migrate", c.options.Hooks.BeforeMigrate)
	all = append(all, upgrade.Task{Name: what, Commands: c.to.MigrateCommands(), Do: func(ctx context.Context) error {
		if err := c.successor(ctx); err != nil {
			return err
		}
		var err error
		report.Account, err = watched(ctx, c.green, c.options.Strategy == upgrade.InPlace,
			func() error { return c.green.Rehearsed().Migrate(ctx) })
		if err == nil {
			c.hold(report)
		}
		return err
	}})
	hook("after-migrate", c.options.Hooks.AfterMigrate)
	return all
}

// hold holds what others have published against the account.
func (c *contained) hold(report *Report) {
	for _, p := range c.published {
		if i := projected.Hold(report.Account, p); i != nil {
			report.Implied = append(report.Implied, *i)
		}
	}
}

// watched gives the account of a migration. beside tells that a server works on the database.
func watched(ctx context.Context, s *containers.Stack, beside bool, migrate func() error) (*account.Account, error) {
	before, err := s.Rehearsed().Account(ctx)
	if err != nil {
		return nil, err
	}
	watching, stop := context.WithCancel(ctx)
	defer stop()
	var samples []census.Locks
	var failed int
	var watch sync.WaitGroup
	watch.Go(func() { samples, failed = account.Watch(watching, s.Rehearsed().Locks) })
	begun := time.Now()
	failure := migrate()
	took := time.Since(begun)
	stop()
	watch.Wait()
	after, err := s.Rehearsed().Account(ctx)
	if err != nil {
		return nil, errors.Join(failure, err)
	}
	a := account.Of(before, after, took, beside)
	a.Locks = account.LocksOf(samples, failed, before, after)
	return a, failure
}

// inPlace migrates blue's own database under it.
func (c *contained) inPlace(report *Report) func(context.Context) error {
	return func(ctx context.Context) error {
		next, err := c.blue.Rehearsed().Successor(ctx, c.to, c.stackOptions(), true)
		if err != nil {
			return err
		}
		report.InPlace, err = watched(ctx, c.blue, true, func() error { return next.Rehearsed().Migrate(ctx) })
		return errors.Join(err, next.Close())
	}
}
