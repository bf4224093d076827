package session

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/oauthbench/oauthbench/internal/filelock"
)

var (
	// errHoldsRun says that another run lies in a directory.
	errHoldsRun = errors.New("holds a run already: choose another directory or remove it")
	// errUnderWay says that another program stores its run in a directory.
	errUnderWay = errors.New("is used by a run that is under way: choose another directory")
	// errMoved says that the file at a path became another one in between.
	errMoved = errors.New("the run's file moved while it was opened")
)

// claim opens the file of a new run, alone: it is locked until it is closed. A file that is
// there is used when it holds no run, for its program was killed before it had stored
// anything, and when nobody has the lock, which a live program would.
func claim(path string) (*os.File, error) {
	for {
		f, err := claimOnce(path)
		if !errors.Is(err, errMoved) {
			return f, err
		}
	}
}

func claimOnce(path string) (_ *os.File, err error) {
	f, isNew, err := openToClaim(path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close())
		}
	}()
	switch err := filelock.Lock(f); {
	case errors.Is(err, filelock.ErrHeld):
		return nil, errUnderWay
	case err != nil && !isNew:
		return nil, errHoldsRun // It may, and without locks nothing tells whose it is.
	}
	if !filelock.LiesAt(path, f) {
		return nil, errMoved // Its holder has removed it before it let go.
	}
	if isNew {
		return f, nil
	}
	begun, err := io.ReadAll(io.LimitReader(f, mostHeader))
	if err == nil && !holdsNothing(begun) {
		err = errHoldsRun
	}
	if err == nil {
		err = f.Truncate(0)
	}
	return f, err
}

// openToClaim opens a file to append to, and tells whether it was made for that.
func openToClaim(path string) (f *os.File, isNew bool, err error) {
	f, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o644)
	if !errors.Is(err, fs.ErrExist) {
		return f, true, err
	}
	info, err := os.Lstat(path)
	if err == nil && !info.Mode().IsRegular() {
		return nil, false, errHoldsRun
	}
	if err == nil {
		f, err = os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0)
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = errMoved
	}
	return f, false, err
}

// mostHeader is how much is read of a file that may hold a torn header: more than one has.
const mostHeader = 1 << 20

// holdsNothing tells whether a file that begins so was left before its run had a header: it
// is empty, or ends within the line of the header.
func holdsNothing(begun []byte) bool {
	header := []byte(`{"header":`)
	n := min(len(begun), len(header))
	return len(begun) < mostHeader && bytes.Equal(begun[:n], header[:n]) && !bytes.Contains(begun, []byte("\n"))
}
