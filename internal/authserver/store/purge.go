package store

import (
	"context"
	"fmt"
	"time"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
)

// purgeBatch is how many of the oldest rows of a table a purge looks at at once.
const purgeBatch = 5000

// Purge removes what has expired, oldest first, and stops where rows are still good: a
// long run would fill the disk, and no index pays for finding the others. A server does
// it when it starts, never while it is measured. Nothing answers differently, since what
// has expired and what is unknown are both invalid; only a refresh token that is used
// again after its own end no longer ends its grant.
//
// Note: PostgreSQL is left alone. It has no order of insertion to go by, a full scan
// would delay each start, and its vacuum would run while the server is measured.
func (d *Database) Purge(ctx context.Context, version string, now time.Time) error {
	if d.Postgres {
		return nil
	}
	tables := []string{"assertions", "sign_ins", "tokens"}
	if version != settings.V1 {
		tables = []string{"assertions", "sign_ins", "devices", "access_tokens", "refresh_tokens"}
	}
	for _, table := range tables {
		for {
			result, err := d.Write.ExecContext(ctx, `DELETE FROM `+table+` WHERE expires_at <= ? AND rowid IN
				(SELECT rowid FROM `+table+` ORDER BY rowid LIMIT ?)`, now.UnixMicro(), purgeBatch)
			if err != nil {
				return fmt.Errorf("purge %s: %w", table, err)
			}
			if n, err := result.RowsAffected(); err != nil || n < purgeBatch {
				break
			}
		}
	}
	return nil
}
