package rehearse

import (
	"context"
	"errors"
	"fmt"

	"github.com/oauthbench/oauthbench/containers"
	"github.com/oauthbench/oauthbench/scenarios/upgrade"
)

// Way is how the journal is replayed at green.
type Way string

// Ways: through green's doors, or by statements in its database that its folder gives.
const (
	ByAPI Way = "api"
	BySQL Way = "sql"
)

// String, Set and Type make a Way a flag.
func (w *Way) String() string { return string(*w) }

// Set takes one of the names.
func (w *Way) Set(text string) error {
	switch *w = Way(text); *w {
	case ByAPI, BySQL:
		return nil
	}
	return errors.New("use api or sql")
}

// Type names what the flag takes.
func (w *Way) Type() string { return "way" }

// CopyWay is how blue's database is copied.
type CopyWay string

// CopyWays: what is in it, as statements, or its files.
const (
	ByDump  CopyWay = "dump"
	ByFiles CopyWay = "files"
)

// String, Set and Type make a CopyWay a flag.
func (c *CopyWay) String() string { return string(*c) }

// Set takes one of the names.
func (c *CopyWay) Set(text string) error {
	switch *c = CopyWay(text); *c {
	case ByDump, ByFiles:
		return nil
	}
	return errors.New("use dump or files")
}

// Type names what the flag takes.
func (c *CopyWay) Type() string { return "way" }

// replayer does an entry at green in the way that was asked for; nil is upgrade's own, through its
// doors.
func (c *contained) replayer() (func(context.Context, upgrade.Side, upgrade.Entry) error, error) {
	if c.options.Replay != BySQL {
		return nil, nil
	}
	if to, err := c.to.Program(); err != nil || to.Upgrade.Rows == nil {
		return nil, errors.Join(err, fmt.Errorf("--replay sql: nothing is known of the rows of %s", c.to))
	}
	return func(ctx context.Context, _ upgrade.Side, entry upgrade.Entry) error {
		return runEntry(ctx, c.green.Rehearsed().SessionRows(), entry)
	}, nil
}

// instant is how a time is written for a database.
const instant = "2006-01-02 15:04:05.999999"

// runEntry does in the rows of a database what an entry asks for.
func runEntry(ctx context.Context, rows containers.SessionRows, entry upgrade.Entry) error {
	switch entry.Act {
	case upgrade.RevokeConsent:
		return rows.Run(ctx, rows.Subject, entry.Subject, entry.At.UTC().Format(instant))
	case upgrade.DeleteClient:
		return rows.Run(ctx, rows.Client, entry.Client)
	case upgrade.SetSecret:
		hash, err := rows.Hash(entry.Secret)
		if err != nil {
			return err
		}
		return rows.Run(ctx, rows.Secret, entry.Client, hash)
	case upgrade.Rotate:
		return rows.Run(ctx, rows.Rotate, rows.Marks(entry.Token))
	}
	return rows.Run(ctx, rows.Revoke, rows.Marks(entry.Token))
}

// witness watches the rows of blue's tokens; nil when they are not known, or nobody wants it.
func (c *contained) witness(from, to containers.Program) *upgrade.Witness {
	if !c.options.Witness || from.Upgrade.Rows == nil || to.Upgrade.Rows == nil {
		return nil
	}
	blue := func() containers.SessionRows { return c.blue.Rehearsed().SessionRows() }
	return &upgrade.Witness{
		Begin: func(ctx context.Context) error { return blue().Follow(ctx) },
		End:   func(ctx context.Context) error { return blue().Unfollow(ctx) },
		Marks: from.Upgrade.Rows.Marks,
		Changes: func(ctx context.Context) (all []upgrade.RowChange, err error) {
			read, err := blue().Followed(ctx)
			for _, x := range read {
				all = append(all, upgrade.RowChange(x))
			}
			return all, err
		},
		Replay: func(ctx context.Context, end upgrade.RowEnd) error {
			rows := c.green.Rehearsed().SessionRows()
			switch {
			case end.Rotated:
				return rows.Run(ctx, rows.Rotate, end.Marks)
			case end.Grant == "":
				return rows.Run(ctx, rows.Revoke, end.Marks)
			}
			return rows.Run(ctx, rows.Grants, []string{end.Grant})
		},
	}
}
