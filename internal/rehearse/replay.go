package rehearse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/oauthbench/oauthbench/containers"
	"github.com/oauthbench/oauthbench/scenarios/upgrade"
	"github.com/oauthbench/oauthbench/scenarios/upgrade/journal"
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

// replays are how entries of the journal are done at green.
type replays struct {
	entry  func(ctx context.Context, green upgrade.Side, entry journal.Entry) error // nil is through its doors
	halves func(ctx context.Context, entry journal.Entry) error                     // as in upgrade.Rehearsal
}

// replayer is the way that was asked for. Where blue's rows are watched they tell what a replay through green's doors
// may find half done.
func (c *contained) replayer() (way replays, err error) {
	to, err := c.to.Program()
	if err != nil {
		return way, err
	}
	known, sql := to.Upgrade.Rows != nil, c.options.Replay == BySQL
	byRows := func(ctx context.Context, entry journal.Entry) error {
		return runEntry(ctx, c.green.Rehearsed().SessionRows(), entry)
	}
	switch {
	case sql && !known:
		return way, fmt.Errorf("--replay sql: nothing is known of the rows of %s", c.to)
	case sql:
		way.entry = func(ctx context.Context, _ upgrade.Side, entry journal.Entry) error {
			return byRows(ctx, entry)
		}
	case known && !c.options.Witness:
		way.halves = byRows
	}
	return way, nil
}

// instant is how a time is written for a database.
const instant = "2006-01-02 15:04:05.999999"

// runEntry does in the rows of a database what an entry asks for.
func runEntry(ctx context.Context, rows containers.SessionRows, entry journal.Entry) error {
	switch entry.Act {
	case journal.RevokeConsent:
		return rows.Run(ctx, rows.Subject, entry.Subject, entry.At.UTC().Format(instant))
	case journal.DeleteClient:
		return rows.Run(ctx, rows.Client, entry.Client)
	case journal.SetSecret:
		hash, err := rows.Hash(entry.Secret)
		if err != nil {
			return err
		}
		return rows.Run(ctx, rows.Secret, entry.Client, hash)
	case journal.SetRight:
		name, value, err := metadata(entry.Right)
		if err != nil {
			return err
		}
		text, err := json.Marshal(value)
		if err != nil {
			return err
		}
		return rows.Run(ctx, rows.Metadata[name], entry.Client, string(text))
	case journal.Rotate:
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
