package process

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"

	"github.com/oauthbench/oauthbench/internal/authserver"
	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/authserver/store"
)

// Copy copies the server's database into a directory while it serves, and gives the
// file. What is committed after it has begun is not in the copy. SQLite only.
func (p *Process) Copy(ctx context.Context, directory string) (file string, err error) {
	p.mu.Lock()
	from := p.home.directory
	p.mu.Unlock()
	if from == "" {
		return "", fmt.Errorf("copy database: %w with db=%s", errors.ErrUnsupported, settings.Postgres)
	}
	d, err := store.OpenSQLite(filepath.Join(from, databaseFile))
	if err != nil {
		return "", fmt.Errorf("copy database: %w", err)
	}
	defer d.Close()
	file = filepath.Join(directory, databaseFile)
	if err := d.CopyTo(ctx, file); err != nil {
		return "", fmt.Errorf("copy database: %w", err)
	}
	return file, nil
}

// Migrate brings the database that Copy has left in a directory to the generation of the
// settings, as a server does when it starts.
func Migrate(ctx context.Context, to settings.Settings, directory string) error {
	server, err := authserver.Open(ctx, authserver.OpenOptions{Settings: to, Directory: directory})
	if err != nil {
		return err
	}
	return server.Close()
}

// EndConsent revokes all grants of a user through the admin interface.
func (p *Process) EndConsent(ctx context.Context, subject string) error {
	path := settings.ConsentsPath + "?subject=" + url.QueryEscape(subject)
	if err := p.call(ctx, http.MethodDelete, path, nil, nil); err != nil {
		return fmt.Errorf("revoke consent of %q: %w", subject, err)
	}
	return nil
}

// CleanUp runs the job that removes what has expired.
func (p *Process) CleanUp(ctx context.Context) error {
	if err := p.call(ctx, http.MethodPost, settings.CleanUpPath, nil, nil); err != nil {
		return fmt.Errorf("clean up: %w", err)
	}
	return nil
}
