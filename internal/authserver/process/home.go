package process

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"oauthbench/internal/authserver/settings"
	"oauthbench/internal/authserver/store"
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
		if _, err := Sweep(); err != nil {
			return h, err
		}
		h.directory, err = makeDirectory(os.TempDir())
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
		errs = append(errs, removeDirectory(h.directory))
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

// directoryName is what os.MkdirTemp makes of oauthbench-PID-*.
var directoryName = regexp.MustCompile(`^oauthbench-([1-9][0-9]*)-[0-9]+$`)

// markerFile makes a directory recognizable as ours.
const markerFile = "oauthbench-temporary.json"

// marker says whose directory it is: process ids mean something only on one host
// and in one process namespace.
type marker struct {
	PID       int    `json:"pid"`
	Host      string `json:"host"`
	Namespace string `json:"namespace,omitempty"` // Linux: containers that share /tmp number their processes anew
}

func newMarker() (marker, error) {
	host, err := os.Hostname()
	if err != nil {
		return marker{}, err
	}
	namespace, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		namespace = "" // not Linux
	}
	return marker{os.Getpid(), host, namespace}, nil
}

// makeDirectory makes a directory for the data of one deployment below parent, and
// marks it as this process's.
func makeDirectory(parent string) (string, error) {
	m, err := newMarker()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(parent, fmt.Sprintf("oauthbench-%d-*", m.PID))
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(m)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, markerFile), text, 0o600)
	}
	if err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	return dir, nil
}

// removeDirectory removes what makeDirectory has made, by whichever process; it leaves
// any other directory alone. That it is gone already is no error.
func removeDirectory(dir string) error {
	if _, err := os.Lstat(dir); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if !directoryName.MatchString(filepath.Base(dir)) {
		return fmt.Errorf("directory %q is not one of ours: remove it by hand", dir)
	}
	return os.RemoveAll(dir)
}

// Sweep removes the temporary directories that killed processes have left, and returns
// their names.
func Sweep() (removed []string, err error) { return sweepDirectories(os.TempDir()) }

// sweepDirectories removes what killed processes have left below parent: directories
// of our name, with our marker, from this host, whose process is gone. Anything that
// is not certainly that stays.
func sweepDirectories(parent string) (removed []string, err error) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return nil, err
	}
	self, err := newMarker()
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, entry := range entries {
		match := directoryName.FindStringSubmatch(entry.Name())
		if match == nil || !entry.IsDir() {
			continue
		}
		dir := filepath.Join(parent, entry.Name())
		if pid, err := strconv.Atoi(match[1]); err != nil || !leftBy(dir, pid, self) {
			continue
		}
		if err := os.RemoveAll(dir); err != nil {
			errs = append(errs, err)
			continue
		}
		removed = append(removed, dir)
	}
	return removed, errors.Join(errs...)
}

// leftBy tells whether dir is certainly one of ours, made by a process pid that is gone.
func leftBy(dir string, pid int, self marker) bool {
	file := filepath.Join(dir, markerFile)
	if info, err := os.Lstat(file); err != nil || !info.Mode().IsRegular() || !ownedByUs(info) {
		return false
	}
	text, err := os.ReadFile(file)
	var m marker
	if err != nil || json.Unmarshal(text, &m) != nil {
		return false
	}
	return m == marker{pid, self.Host, self.Namespace} && processGone(pid)
}
