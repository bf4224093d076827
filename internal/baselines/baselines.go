package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"oauthbench/bench"
)

// baselineExt ends the files of a directory of baselines; what comes before is the name.
const baselineExt = ".json.gz"

var baselineName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$`)

// baselinePath is the file of a baseline.
func baselinePath(dir, name string) (string, error) {
	if !baselineName.MatchString(name) {
		return "", fmt.Errorf("baseline name %q: want letters, digits, and . _ + - after the first, at most 100", name)
	}
	return filepath.Join(dir, name+baselineExt), nil
}

// readBaseline reads one baseline of a directory.
func readBaseline(dir, name string) (*bench.StoredBaseline, error) {
	path, err := baselinePath(dir, name)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no baseline %q in %s: there are %s", name, dir, namesOf(dir))
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := bench.ReadBaseline(f)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	b.Name = name // the file may have been renamed
	return b, nil
}

// namesOf lists the names in a directory, for an error.
func namesOf(dir string) string {
	files, err := filepath.Glob(filepath.Join(dir, "*"+baselineExt))
	if err != nil || len(files) == 0 {
		return "none"
	}
	for i := range files {
		files[i] = strings.TrimSuffix(filepath.Base(files[i]), baselineExt)
	}
	return strings.Join(files, ", ")
}

// readBaselines reads all of a directory, oldest measurement first.
func readBaselines(dir string) ([]*bench.StoredBaseline, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("baselines: %w", err)
	}
	var all []*bench.StoredBaseline
	for _, e := range entries {
		name, ours := strings.CutSuffix(e.Name(), baselineExt)
		if !ours || e.IsDir() {
			continue
		}
		b, err := readBaseline(dir, name)
		if err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s holds no baseline: oauthbench baseline save RUNDIR --name NAME --dir %s", dir, dir)
	}
	slices.SortStableFunc(all, func(a, b *bench.StoredBaseline) int {
		return cmp.Or(a.Header.Started.Compare(b.Header.Started), cmp.Compare(a.Name, b.Name))
	})
	return all, nil
}

// saveBaseline writes a new file, whole or not at all.
func saveBaseline(dir string, b *bench.StoredBaseline) (path string, err error) {
	if path, err = baselinePath(dir, b.Name); err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("--dir %s: %w", dir, err)
	}
	f, err := os.CreateTemp(dir, ".baseline-*")
	if err != nil {
		return "", fmt.Errorf("--dir %s: %w", dir, err)
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	if err := errors.Join(b.Write(f), f.Chmod(0o644), f.Close()); err != nil {
		return "", fmt.Errorf("save %s: %w", path, err)
	}
	// A link, unlike a rename, never replaces a file that is there.
	err = os.Link(f.Name(), path)
	if errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("%s exists: choose another --name, or remove it", path)
	}
	if err != nil {
		return "", fmt.Errorf("save %s: %w", path, err)
	}
	return path, nil
}
