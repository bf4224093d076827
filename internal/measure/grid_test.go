package measure

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/oauthbench/oauthbench/internal/exitcode"
	"github.com/oauthbench/oauthbench/internal/targets"
	"github.com/oauthbench/oauthbench/internal/watch"
)

// A cell whose report cannot be written, as on a disk that is full, leaves the grid unfinished: nobody
// has asked for anything wrong.
func TestCellWithoutItsFilesIsUnfinished(t *testing.T) {
	err := reportCell(stored(t), filepath.Join(t.TempDir(), "missing"), watch.Options{Log: io.Discard})
	if unfinished, ok := errors.AsType[*exitcode.Unfinished](err); !ok || exitcode.Of(err) != exitcode.Inconclusive {
		t.Errorf("%v, %v: exit %d; want %d", err, unfinished, exitcode.Of(err), exitcode.Inconclusive)
	}
	if err := reportCell(stored(t), t.TempDir(), watch.Options{Log: io.Discard}); err != nil {
		t.Error(err)
	}
}

// A disk that has no place for the folder of a later cell is no fault of the plan; other refusals are.
func TestFullDiskOfAGridIsUnfinished(t *testing.T) {
	full := &fs.PathError{Op: "mkdir", Path: "r", Err: syscall.ENOSPC}
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, exitcode.Pass},
		{&targets.UsageError{Err: fmt.Errorf("--out r: %w", full)}, exitcode.Inconclusive},
		{&targets.UsageError{Err: errors.New("P95 needs a budget of 3m")}, exitcode.Usage},
	} {
		if code := exitcode.Of(unlessFull(c.err)); code != c.want {
			t.Errorf("%v: exit %d; want %d", c.err, code, c.want)
		}
	}
}
