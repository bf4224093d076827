package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/oauthbench/oauthbench/internal/authserver"
	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/authserver/store"
	"github.com/oauthbench/oauthbench/internal/owner"
)

// home is where one deployment keeps its data.
type home struct {
	directory   string      // with SQLite
	dsn, schema string      // with PostgreSQL
	remove      atomic.Bool // by close
}

// openHome finds the place named by o, which somebody else removes, or makes one. The
// home is never nil and must be closed in any case.
func openHome(o ServeOptions) (h *home, err error) {
	h = &home{directory: o.Directory, schema: o.Schema}
	h.remove.Store(o.Directory == "" && o.Schema == "")
	switch {
	case o.Settings.Database == settings.Postgres:
		h.directory = ""
		h.dsn = os.Getenv(settings.PostgresVariable)
		if h.schema == "" {
			h.schema = store.NewSchemaName()
		}
	case h.directory == "":
		if _, err := owner.SweepTemp(); err != nil {
			return h, err
		}
		h.directory, err = owner.MakeTemp()
	}
	return h, err
}

// close removes the data, if that is ours to do.
func (h *home) close() error {
	if !h.remove.Load() {
		return nil
	}
	var errs []error
	if h.directory != "" {
		errs = append(errs, owner.RemoveTemp(h.directory))
	}
	if strings.HasPrefix(h.schema, store.SchemaPrefix) && h.dsn != "" {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := store.DropSchema(ctx, h.dsn, h.schema); err != nil {
			errs = append(errs, fmt.Errorf("drop schema %q: %w", h.schema, err))
		}
	}
	return errors.Join(errs...)
}

// ServeOptions are those of one serving process.
type ServeOptions struct {
	Settings settings.Settings
	Listen   string // of the public interface; "" is 127.0.0.1:0, where 0 lets the kernel choose
	Admin    string // of the admin interface, likewise
	// Directory and Schema are where the data live, left there by a predecessor or to
	// be left for a successor. "" makes a place of one's own and removes it at the end.
	Directory, Schema string
	// Issuer is the address at which clients reach the server when that is not where it
	// listens: in a container, whose network is its own. Only then may it listen on
	// addresses that are not loopback.
	Issuer string
	// MigrateOnly brings the data to the version's schema and ends.
	MigrateOnly bool
	// Input, when not nil, ends Serve as it reaches its end. That also removes the
	// data, because nobody is left to do it, unless a line "keep" came before.
	Input io.Reader
}

// migrate brings the data to the version's schema, as a server does when it starts.
func (h *home) migrate(ctx context.Context, to settings.Settings) error {
	server, err := authserver.Open(ctx, authserver.OpenOptions{
		Settings: to, Directory: h.directory, DSN: h.dsn, Schema: h.schema, Issuer: "http://127.0.0.1",
	})
	if err != nil {
		return err
	}
	return server.Close()
}
