// Package baselines keeps stored baselines in a directory, a file each.
package baselines

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

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/inputfile"
	"github.com/oauthbench/oauthbench/internal/wholefile"
)

// extension ends the files of a directory of baselines; what comes before is the name.
const extension = ".json.gz"

var validName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$`)

// pathOf is the file of a baseline.
func pathOf(dir, name string) (string, error) {
	if !validName.MatchString(name) {
		return "", fmt.Errorf("baseline name %q: want letters, digits, and . _ + - after the first, at most 100", name)
	}
	return filepath.Join(dir, name+extension), nil
}

// Read reads one baseline of a directory.
func Read(dir, name string) (*bench.StoredBaseline, error) {
	path, err := pathOf(dir, name)
	if err != nil {
		return nil, err
	}
	f, err := inputfile.Open(path)
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
	files, err := filepath.Glob(filepath.Join(dir, "*"+extension))
	if err != nil || len(files) == 0 {
		return "none"
	}
	for i := range files {
		files[i] = strings.TrimSuffix(filepath.Base(files[i]), extension)
	}
	return strings.Join(files, ", ")
}

// All reads all of a directory, oldest measurement first. A file that cannot be read
// stops none of the others: damaged has an error for each.
func All(dir string) (all []*bench.StoredBaseline, damaged []error, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("baselines: %w", err)
	}
	for _, e := range entries {
		name, ours := strings.CutSuffix(e.Name(), extension)
		if !ours || e.IsDir() {
			continue
		}
		b, err := Read(dir, name)
		if err != nil {
			damaged = append(damaged, err)
			continue
		}
		all = append(all, b)
	}
	if len(all) == 0 {
		return nil, damaged, fmt.Errorf("%s holds no baseline: oauthbench baseline save RUNDIR --name NAME --dir %s",
			dir, dir)
	}
	slices.SortStableFunc(all, func(a, b *bench.StoredBaseline) int {
		return cmp.Or(a.Header.Started.Compare(b.Header.Started), cmp.Compare(a.Name, b.Name))
	})
	return all, damaged, nil
}

// Save writes a new file, whole or not at all.
func Save(dir string, b *bench.StoredBaseline) (path string, err error) {
	if path, err = pathOf(dir, b.Name); err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("--dir %s: %w", dir, err)
	}
	switch err := wholefile.New(path, b.Write); {
	case errors.Is(err, fs.ErrExist):
		return "", fmt.Errorf("%s exists: choose another --name, or remove it", path)
	case err != nil:
		return "", fmt.Errorf("save %s: %w", path, err)
	}
	return path, nil
}
