package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migration is one numbered step of the schema: migrations/0003_tokens.sql is 3.
type migration struct {
	number int
	name   string
	sql    string
}

// lastMigration is where a generation's schema ends.
func lastMigration(version string) int {
	if version == settings.V1 {
		return 3
	}
	return 6
}

// migrations gives all steps in order: the embedded names sort by number.
func migrations() ([]migration, error) {
	files, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var steps []migration
	for i, file := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(file, "migrations/"), ".sql")
		digits, _, _ := strings.Cut(name, "_")
		number, err := strconv.Atoi(digits)
		if err != nil || number != i+1 {
			return nil, fmt.Errorf("migration %q is file %d: its number must be %d", name, i+1, i+1)
		}
		content, err := fs.ReadFile(migrationFiles, file)
		if err != nil {
			return nil, err
		}
		steps = append(steps, migration{number, name, string(content)})
	}
	return steps, nil
}

// Generation tells the generation that the database was left at; "" for a new one, and
// for one that cannot be read, which Migrate will say.
func (d *Database) Generation(ctx context.Context) string {
	var at int
	err := d.Write.QueryRowContext(ctx, `SELECT COALESCE(MAX(number), 0) FROM migrations`).Scan(&at)
	switch {
	case err != nil || at == 0:
		return ""
	case at <= lastMigration(settings.V1):
		return settings.V1
	}
	return settings.V2
}

// Migrate brings the schema to the last step of version, each step in a transaction
// of its own. A schema that is already beyond it is refused: an older generation
// cannot know what a newer one has changed.
func (d *Database) Migrate(ctx context.Context, version string, now time.Time) error {
	return d.migrateTo(ctx, version, lastMigration(version), now)
}

func (d *Database) migrateTo(ctx context.Context, version string, last int, now time.Time) error {
	const table = `CREATE TABLE IF NOT EXISTS migrations (number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, ` +
		`applied_at BIGINT NOT NULL)`
	if _, err := d.Write.ExecContext(ctx, table); err != nil {
		return err
	}
	var at int
	if err := d.Write.QueryRowContext(ctx, `SELECT COALESCE(MAX(number), 0) FROM migrations`).Scan(&at); err != nil {
		return err
	}
	if at > last {
		return fmt.Errorf("database is at migration %d, but %s ends at %d: open it with a newer version", at, version,
			last)
	}
	steps, err := migrations()
	if err != nil {
		return err
	}
	for _, step := range steps[at:last] {
		if err := d.apply(ctx, step, now); err != nil {
			return fmt.Errorf("migration %s: %w", step.name, err)
		}
	}
	return nil
}

func (d *Database) apply(ctx context.Context, step migration, now time.Time) error {
	tx, err := d.Write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, step.sql); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, d.Bind(`INSERT INTO migrations (number, name, applied_at) VALUES (?, ?, ?)`),
		step.number, step.name, now.UnixMicro()); err != nil {
		return err
	}
	return tx.Commit()
}

func (d *Database) Close() error {
	err := d.Write.Close()
	if d.Read != d.Write {
		if readErr := d.Read.Close(); err == nil {
			err = readErr
		}
	}
	return err
}

// OpenTokens opens the tables of a version.
func OpenTokens(ctx context.Context, d *Database, version string) (Tokens, error) {
	if version == settings.V1 {
		return openPlainTokens(ctx, d)
	}
	return openSplitTokens(ctx, d)
}
