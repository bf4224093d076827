package store

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
)

func TestMigrationsAreNumbered(t *testing.T) {
	steps, err := migrations()
	if err != nil || len(steps) != lastMigration(settings.V2) {
		t.Errorf("migrations = %d, %v; want %d", len(steps), err, lastMigration(settings.V2))
	}
}

// A migration that fails half-way keeps what it has done, fails again while the data is wrong, and goes on
// where it stopped when that is corrected.
func TestFailedMigrationGoesOn(t *testing.T) {
	ctx, first := t.Context(), time.Unix(1000, 0)
	d, err := OpenSQLite(filepath.Join(t.TempDir(), "oauth.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Migrate(ctx, settings.V1, first); err != nil {
		t.Fatal(err)
	}
	if err := d.all(ctx, []string{
		`INSERT INTO clients VALUES ('c', 'say "hello"', '', '', '', '', '', 0, '', 0)`}); err != nil {
		t.Fatal(err)
	}
	for try := range 2 {
		if err := d.MigrateHalf(ctx, first); err == nil || !strings.Contains(err.Error(), "invalid input syntax") {
			t.Fatalf("try %d: %v; want that it fails", try, err)
		}
	}
	if err := d.all(ctx, []string{`UPDATE clients SET name = 'hello'`}); err != nil {
		t.Fatal(err)
	}
	later := first.Add(time.Hour)
	for range 2 { // the second time there is nothing to do
		if err := d.MigrateHalf(ctx, later); err != nil {
			t.Fatal(err)
		}
		if err := d.Migrate(ctx, settings.V2, later); err != nil {
			t.Fatal(err)
		}
	}
	var before, after int
	err = d.Write.QueryRowContext(ctx, `SELECT COUNT(*) FILTER (WHERE applied_at = ?),
		COUNT(*) FILTER (WHERE applied_at = ?) FROM migrations`, first.UnixMicro(), later.UnixMicro()).Scan(&before,
		&after)
	if err != nil || before != halfWay || after != lastMigration(settings.V2)-halfWay {
		t.Errorf("%d migrations before the failure, %d after it, %v; want %d and the rest", before, after, err, halfWay)
	}
}
