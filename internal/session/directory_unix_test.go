//go:build unix

package session

import (
	"errors"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Runs of one second that nobody named have directories of their own; a name that was
// chosen is never changed.
func TestRunsOfOneSecondGetNumbers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "20260314-092653-run")
	for _, want := range []string{path, path + "-2", path + "-3"} {
		d, err := createDirectory(path, true)
		if err != nil || d.path != want {
			t.Fatalf("directory %+v, %v; want %s", d, err, want)
		}
		defer d.close()
	}
	if _, err := createDirectory(path, false); !errors.Is(err, errUnderWay) ||
		!strings.Contains(err.Error(), "--out "+path+" is used by a run that is under way") {
		t.Errorf("a chosen directory with a run: error %v", err)
	}
}

// A pipe in place of a run would keep the reader waiting for ever.
func TestPipeIsNoRun(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, FileName), 0o600); err != nil {
		t.Skipf("no pipes here: %v", err)
	}
	if _, err := Read(dir); err == nil || !strings.Contains(err.Error(), "is a pipe, not a file") {
		t.Errorf("error %v", err)
	}
}
