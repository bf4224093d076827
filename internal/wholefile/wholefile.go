// Package wholefile writes files that are whole or not there: by way of a temporary file
// beside each, which is locked while it is written, so that what a killed program left is
// told from what another one is writing, and removed.
package wholefile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/oauthbench/oauthbench/internal/filelock"
)

// Replace writes a file in the place of what is there. Others may read it as the user's
// umask has it. write may be called more than once.
func Replace(path string, write func(io.Writer) error) error { return through(path, write, os.Rename) }

// New writes a file where none is: fs.ErrExist otherwise. write may be called more than once.
func New(path string, write func(io.Writer) error) error {
	// A link, unlike a rename, never replaces a file that is there.
	return through(path, write, os.Link)
}

// through writes a file beside path and puts it there. In the moment between the end of its
// lock and that, another program may sweep it: then it is written again.
func through(path string, write func(io.Writer) error, put func(from, to string) error) error {
	sweep(path)
	for {
		beside, err := writeBeside(path, write)
		if err != nil {
			return err
		}
		err = put(beside, path)
		removed := os.Remove(beside) // After a rename it is not there.
		if errors.Is(removed, fs.ErrNotExist) {
			removed = nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return errors.Join(err, removed)
		}
	}
}

// writeBeside writes a temporary file beside path, which is removed after an error.
func writeBeside(path string, write func(io.Writer) error) (name string, err error) {
	f, err := createBeside(path)
	if err != nil {
		return "", err
	}
	out := bufio.NewWriter(f)
	err = write(out)
	if err == nil {
		err = out.Flush()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// createBeside makes a temporary file beside path and locks it.
func createBeside(path string) (*os.File, error) {
	for {
		name := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%d", filepath.Base(path), rand.Uint32()))
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		switch {
		case errors.Is(err, fs.ErrExist):
			continue
		case err != nil:
			return nil, err
		}
		held := filelock.Lock(f)
		if !errors.Is(held, filelock.ErrHeld) && filelock.LiesAt(name, f) {
			return f, nil
		}
		f.Close() // Another program has just swept it.
	}
}

var digits = regexp.MustCompile(`^[0-9]+$`)

// sweep removes the temporary files of path that nobody writes any more. What it cannot
// remove, the next one may.
func sweep(path string) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return // The write will say why.
	}
	before := "." + filepath.Base(path) + "."
	for _, e := range entries {
		number, begins := strings.CutPrefix(e.Name(), before)
		if begins && digits.MatchString(number) && e.Type().IsRegular() {
			removeLeft(filepath.Join(filepath.Dir(path), e.Name()))
		}
	}
}

// removeLeft removes a file unless a program has the lock on it.
func removeLeft(name string) {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return
	}
	defer f.Close()
	if filelock.Lock(f) == nil && filelock.LiesAt(name, f) {
		_ = os.Remove(name) // Where an open file cannot be removed it stays.
	}
}
