package session

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/filelock"
	"github.com/oauthbench/oauthbench/internal/inputfile"
	"github.com/oauthbench/oauthbench/internal/plaintext"
)

// FileName is the run's file in its directory.
const FileName = "run.jsonl"

// directory is where a run under way is stored.
type directory struct {
	path string
	made bool // by us, so that it may be removed when nothing comes of it
	file *bench.RunFile
}

// mostInOneSecond bounds the numbers behind a directory that is named for the time.
const mostInOneSecond = 100

// createDirectory makes the directory and the run file, before anything is started: a
// place that cannot be written must be known before an hour of load. One that is named
// for the time gets a number behind it when another run has that name.
func createDirectory(path string, byTime bool) (*directory, error) {
	d, err := tryDirectory(path)
	taken := func() bool { return errors.Is(err, errHoldsRun) || errors.Is(err, errUnderWay) }
	for n := 2; byTime && taken() && n <= mostInOneSecond; n++ {
		d, err = tryDirectory(fmt.Sprintf("%s-%d", path, n))
	}
	return d, err
}

func tryDirectory(path string) (*directory, error) {
	_, err := os.Stat(path)
	d := &directory{path: path, made: errors.Is(err, fs.ErrNotExist)}
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, fmt.Errorf("--out %s: %w", path, err)
	}
	file, err := claim(filepath.Join(path, FileName))
	switch {
	case errors.Is(err, errHoldsRun), errors.Is(err, errUnderWay):
		return nil, fmt.Errorf("--out %s %w", path, err)
	case err != nil:
		return nil, fmt.Errorf("--out %s: %w", path, err)
	}
	d.file = bench.NewRunFile(file)
	d.file.Conceal = plaintext.Secrets.String
	return d, nil
}

// resumeDirectory opens a directory whose run was interrupted, alone.
func resumeDirectory(path string) (*directory, *bench.Run, error) {
	f, err := os.OpenFile(filepath.Join(path, FileName), os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("resume: %w", err)
	}
	if errors.Is(filelock.Lock(f), filelock.ErrHeld) {
		return nil, nil, errors.Join(fmt.Errorf("resume %s: %w", path, errUnderWay), f.Close())
	}
	file, run, err := bench.ResumeRunFile(f)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("resume %s: %w", path, err), f.Close())
	}
	file.Conceal = plaintext.Secrets.String
	return &directory{path: path, file: file}, run, nil
}

// close closes the run file. When it holds nothing, directory and file go.
func (d *directory) close() error {
	empty := d.file.Empty()
	err := d.file.Close()
	if empty && d.made {
		_ = os.Remove(d.path) // It fails when something else is in it: then it stays.
	}
	return err
}

// Read reads the run in a directory.
func Read(dir string) (*bench.Run, error) {
	path := filepath.Join(dir, FileName)
	f, err := inputfile.Open(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s holds no run: there is no %s", dir, FileName)
		}
		return nil, err
	}
	defer f.Close()
	run, err := bench.ReadRun(f)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return run, nil
}
