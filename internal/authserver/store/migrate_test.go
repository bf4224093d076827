package store

import (
	"testing"

	"oauthbench/internal/authserver/settings"
)

func TestMigrationsAreNumbered(t *testing.T) {
	steps, err := migrations()
	if err != nil || len(steps) != lastMigration(settings.V2) {
		t.Errorf("migrations = %d, %v; want %d", len(steps), err, lastMigration(settings.V2))
	}
}
