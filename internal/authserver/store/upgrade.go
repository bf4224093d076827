package store

import (
	"context"
	"fmt"
	"time"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
)

// CopyTo copies the database to a file that is not there yet, while others use it. What
// is committed after it has begun is not in the copy. SQLite only.
func (d *Database) CopyTo(ctx context.Context, file string) error {
	_, err := d.Write.ExecContext(ctx, `VACUUM INTO ?`, file)
	return err
}

// damages are what a planted fault of the migration to v2 does to what was migrated.
var damages = map[string][]string{
	"invalid": {`UPDATE grants SET revoked_at = created_at WHERE revoked_at IS NULL`},
	"subject": {`UPDATE grants SET subject = ''`},
	"revived": {`UPDATE grants SET revoked_at = NULL`, `UPDATE access_tokens SET revoked_at = NULL`},
}

// Damage does to the tables of v2 what a fault of the migration is planted to do; "" is
// nothing.
func (d *Database) Damage(ctx context.Context, how string) error {
	return d.all(ctx, damages[how])
}

// halfWay is the migration to v2 after which one that fails half-way fails.
const halfWay = 4

// MigrateHalf migrates to v2 half-way and fails then, while a client's name has a quotation mark: a planted
// fault, as of a migration that makes JSON by putting marks around texts. When the names have been corrected it
// does nothing but what is left of its half, and Migrate goes on from there.
func (d *Database) MigrateHalf(ctx context.Context, now time.Time) error {
	var at int
	// A new database has no such table, and migrateTo makes it.
	_ = d.Write.QueryRowContext(ctx, `SELECT COALESCE(MAX(number), 0) FROM migrations`).Scan(&at)
	if at > halfWay {
		return nil
	}
	if err := d.migrateTo(ctx, settings.V2, halfWay, now); err != nil {
		return err
	}
	var quoted int
	err := d.Write.QueryRowContext(ctx, `SELECT COUNT(*) FROM clients WHERE name LIKE '%"%'`).Scan(&quoted)
	if err == nil && quoted > 0 {
		err = fmt.Errorf("migration %04d_split_tokens: ERROR: invalid input syntax for type json, in the name of %d "+
			"clients", halfWay+1, quoted)
	}
	return err
}

// DropSessions deletes the tokens of all grants, dead and alive, as a clean-up job does
// that goes by what it does not understand.
func (d *Database) DropSessions(ctx context.Context, plain bool) error {
	if plain {
		return d.all(ctx, []string{`DELETE FROM tokens WHERE grant_id IS NOT NULL`})
	}
	return d.all(ctx, []string{`DELETE FROM access_tokens WHERE grant_id IS NOT NULL`, `DELETE FROM refresh_tokens`})
}

// EndSubject revokes all grants of a user.
func (d *Database) EndSubject(ctx context.Context, plain bool, subject string, now time.Time) error {
	query := `UPDATE grants SET revoked_at = ? WHERE subject = ? AND revoked_at IS NULL`
	if plain {
		query = `UPDATE tokens SET revoked_at = ? WHERE subject = ? AND grant_id IS NOT NULL AND revoked_at IS NULL`
	}
	_, err := d.Write.ExecContext(ctx, d.Bind(query), now.UnixMicro(), subject)
	return err
}

func (d *Database) all(ctx context.Context, queries []string) error {
	for _, query := range queries {
		if _, err := d.Write.ExecContext(ctx, query); err != nil {
			return err
		}
	}
	return nil
}
