package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"oauthbench/bench"
)

// runFileName is the run's file in its directory.
const runFileName = "run.jsonl"

// out is the directory of a run under way.
type out struct {
	dir  string
	made bool // by us, so that it may be removed when nothing comes of it
	file *bench.RunFile
}

// createOut makes the directory and the run file, before anything is started: a
// place that cannot be written must be known before an hour of load.
func createOut(dir string) (*out, error) {
	_, err := os.Stat(dir)
	o := &out{dir: dir, made: errors.Is(err, fs.ErrNotExist)}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("--out %s: %w", dir, err)
	}
	o.file, err = bench.CreateRunFile(filepath.Join(dir, runFileName))
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("--out %s holds a run already: choose another directory or remove it", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("--out %s: %w", dir, err)
	}
	return o, nil
}

// close closes the run file. When it holds nothing, directory and file go.
func (o *out) close() error {
	empty := o.file.Empty()
	err := o.file.Close()
	if empty && o.made {
		_ = os.Remove(o.dir) // fails when something else is in it: then it stays
	}
	return err
}

// readRun reads the run in a directory.
func readRun(dir string) (*bench.Run, error) {
	path := filepath.Join(dir, runFileName)
	f, err := os.Open(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s holds no run: there is no %s", dir, runFileName)
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
