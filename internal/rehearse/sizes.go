package rehearse

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/oauthbench/oauthbench/containers"
	"github.com/oauthbench/oauthbench/internal/rehearse/account"
	"github.com/oauthbench/oauthbench/internal/rehearse/projected"
	"github.com/oauthbench/oauthbench/scenarios/upgrade"
)

// parts are the shares of the data set at which the migration is measured for a projection, each
// three times the one before.
var parts = []int64{27, 9, 3, 1}

// projectDataset is the data set of a projection when none is asked for.
const projectDataset = "grants=9000,tokens=9000"

// fewestProjected is how many grants and tokens a projection needs, so that its smallest size is one.
const fewestProjected = 2700

// made names for each table that the migration makes the one whose rows become its own.
func (c *contained) made() (map[string]string, error) {
	p, err := c.to.Program()
	return p.Upgrade.Made, err
}

// sizes measure the migration at several sizes, nothing else going on, on copies that are thrown
// away; blue has the whole data set afterwards.
func (c *contained) sizes(report *Report) (all []upgrade.Task) {
	var had containers.Dataset
	for i, part := range parts {
		d := share(*c.dataset, part)
		more := containers.Dataset{Clients: d.Clients - had.Clients, Tokens: d.Tokens - had.Tokens,
			Grants: d.Grants - had.Grants, Revoked: d.Revoked}
		had = d
		all = append(all, c.multiplied(report, d, more), upgrade.Task{
			Name:     fmt.Sprintf("migrate a copy of size %d of %d, for the projection", i+1, len(parts)),
			Commands: c.to.MigrateCommands(),
			Do: func(ctx context.Context) error {
				a, err := c.migrateThrownAway(ctx)
				if failed, refused := (*upgrade.MigrationFailed)(nil), (*upgrade.RowsRefused)(nil); errors.As(err,
					&failed) || errors.As(err, &refused) {
					report.NotProjected = upgrade.Brief(err) // the rehearsal itself will tell of it
					return nil
				}
				if err != nil {
					return err
				}
				report.Sizes = append(report.Sizes, a)
				if part == 1 && report.NotProjected == "" {
					return c.project(report)
				}
				return nil
			},
		})
	}
	return all
}

func share(d containers.Dataset, part int64) containers.Dataset {
	return containers.Dataset{Clients: d.Clients / part, Tokens: d.Tokens / part, Grants: d.Grants / part,
		Revoked: d.Revoked}
}

// migrateThrownAway migrates a copy of blue that is thrown away.
func (c *contained) migrateThrownAway(ctx context.Context) (a *account.Account, err error) {
	next, err := c.blue.Rehearsed().Successor(ctx, c.to, c.stackOptions(), false)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, next.Close()) }()
	begun := time.Now()
	if err := next.Rehearsed().CopyFrom(ctx, c.blue); err != nil {
		return nil, blamedCopy(ctx, begun, err, c.blue, next)
	}
	if own := c.options.beforeMigrate(); own.sql != "" {
		if err := own.run(ctx, next); err != nil {
			return nil, err
		}
	}
	a, err = watched(ctx, next, false, func() error { return next.Rehearsed().Migrate(ctx) })
	if err != nil {
		err = blamedMigration(ctx, begun, err, c.blue, next)
	}
	if a != nil {
		a.Locks = nil // nobody else is there
	}
	return a, err
}

func (c *contained) project(report *Report) error {
	made, err := c.made()
	if err != nil {
		return err
	}
	report.Projection, err = projected.Of(report.Sizes, made, c.options.Project)
	return err
}
