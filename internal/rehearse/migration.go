package rehearse

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/oauthbench/oauthbench/containers"
	"github.com/oauthbench/oauthbench/containers/census"
	"github.com/oauthbench/oauthbench/internal/rehearse/account"
	"github.com/oauthbench/oauthbench/internal/rehearse/announced"
	"github.com/oauthbench/oauthbench/internal/rehearse/projected"
	"github.com/oauthbench/oauthbench/scenarios/upgrade"
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
	take := c.green.Rehearsed().CopyFrom
	if c.options.Copy == ByFiles {
		take = c.green.Rehearsed().CopyFilesFrom
	}
	if err := take(ctx, c.blue); err != nil {
		return blamedCopy(ctx, begun, err, c.blue, c.green)
	}
	if err := c.green.Rehearsed().SessionRows().Unfollow(ctx); err != nil { // the watch was copied too
		return err
	}
	census, err := c.green.Rehearsed().Account(ctx)
	report.Copied = Copied{census.Bytes, time.Since(begun)}
	return err
}

// Steps with which an upgrade of blue's own database may begin.
const (
	migrateOwn    = "migrate blue's own database"
	beforeMigrate = "run --before-migrate"
)

// migrate is the migration with the user's own SQL around it.
func (c *contained) migrate(report *Report) (all []upgrade.Task) {
	own := func(name string, h hook) {
		if h.sql != "" {
			all = append(all, upgrade.Task{Name: name, Commands: []string{"psql GREEN -f FILE.sql"},
				Do: func(ctx context.Context) error {
					if err := c.successor(ctx); err != nil {
						return err
					}
					return h.run(ctx, c.green)
				}})
		}
	}
	what := "migrate the copy"
	if c.options.Strategy != upgrade.BlueGreen {
		what = migrateOwn
	}
	if to, err := c.to.Program(); err == nil && to.Upgrade.Export != nil {
		all = append(all, upgrade.Task{Name: "have green write down the SQL of its migration",
			Do: func(ctx context.Context) error { return announce(ctx, c, report) }})
	}
	own(beforeMigrate, c.options.beforeMigrate())
	all = append(all, upgrade.Task{Name: what, Commands: c.to.MigrateCommands(), Do: func(ctx context.Context) error {
		if err := c.successor(ctx); err != nil {
			return err
		}
		begun := time.Now()
		var err error
		beside := c.options.Strategy == upgrade.InPlace || c.options.Strategy == upgrade.Rolling
		report.Account, err = watched(ctx, c.green, beside,
			func() error { return c.held(ctx, report) })
		if err != nil {
			return blamedMigration(ctx, begun, err, c.blue, c.green)
		}
		c.hold(report)
		return nil
	}})
	own("run --after-migrate", c.options.afterMigrate())
	return all
}

// announce has green write down the SQL of its migration.
func announce(ctx context.Context, c *contained, report *Report) error {
	if err := c.successor(ctx); err != nil {
		return err
	}
	sql, err := containers.Export(ctx, c.green)
	if sql != "" {
		report.Announced = announced.Read(sql)
	}
	return err
}

// held migrates green's database, which is held to some processors while blue serves beside it, where
// the engine can do that.
func (c *contained) held(ctx context.Context, report *Report) error {
	green := c.green.Rehearsed()
	cpus := c.options.MigrationCPUs
	if c.options.Strategy != upgrade.BlueGreen || c.options.Rate == 0 || cpus == 0 {
		return green.Migrate(ctx)
	}
	release, err := green.Hold(ctx, cpus)
	if err != nil {
		report.NotHeld = upgrade.Brief(err)
		return green.Migrate(ctx)
	}
	report.Held = cpus
	return errors.Join(green.Migrate(ctx), release())
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
		begun := time.Now()
		report.InPlace, err = watched(ctx, c.blue, true, func() error { return next.Rehearsed().Migrate(ctx) })
		if err != nil {
			err = blamedMigration(ctx, begun, err, c.blue)
		}
		return errors.Join(err, next.Close())
	}
}
