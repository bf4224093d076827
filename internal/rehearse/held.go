package rehearse

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/oauthbench/oauthbench/internal/filelock"
)

// lockFile is locked while a rehearsal is at work in its directory.
const lockFile = "lock"

// errAtWork says that another rehearsal has a directory.
var errAtWork = errors.New("another rehearsal is at work there")

// hold takes what resumes a rehearsal for this process alone, until the file is closed. Where a system has no
// locks, nothing tells who else is there.
func hold(hidden string) (*os.File, error) {
	path := filepath.Join(hidden, lockFile)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = filelock.Lock(f)
	if errors.Is(err, filelock.ErrHeld) || !filelock.LiesAt(path, f) { // or it has just ended, and taken the file along
		return nil, errors.Join(errAtWork, f.Close())
	}
	return f, nil
}
