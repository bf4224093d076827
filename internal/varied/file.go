package varied

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/pflag"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/grid"
	"github.com/oauthbench/oauthbench/internal/capacityrun"
	"github.com/oauthbench/oauthbench/internal/inputfile"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/session"
	"github.com/oauthbench/oauthbench/internal/wholefile"
)

// FileName is the grid's file in its folder.
const FileName = "grid.json"

// mostHeaderBytes bounds it.
const mostHeaderBytes = 4 << 20

// Grid is a stored grid with the runs of its cells.
type Grid struct {
	Dir    string
	Header grid.Header
	// Runs are as the cells, nil where there is none yet; Missing says why, by index.
	Runs    []*bench.Run
	Missing map[int]string
}

// Is tells whether a folder holds a grid.
func Is(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, FileName))
	return err == nil && info.Mode().IsRegular()
}

// Read reads the grid in a folder.
func Read(dir string) (*Grid, error) {
	data, err := inputfile.Read(filepath.Join(dir, FileName), mostHeaderBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s holds no grid: there is no %s", dir, FileName)
	}
	if err != nil {
		return nil, err
	}
	h, err := grid.Decode(data)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Join(dir, FileName), err)
	}
	g := &Grid{Dir: dir, Header: h, Runs: make([]*bench.Run, len(h.Folders)), Missing: map[int]string{}}
	for i, name := range h.Folders {
		if name == "" || name == "." || name == ".." || filepath.Base(name) != name {
			return nil, fmt.Errorf("read %s: %q is no folder of a cell", filepath.Join(dir, FileName), name)
		}
		run, err := session.Read(filepath.Join(dir, name))
		if err != nil {
			if _, absent := os.Stat(filepath.Join(dir, name, session.FileName)); absent == nil {
				g.Missing[i] = err.Error()
			}
			continue
		}
		g.Runs[i] = run
	}
	return g, nil
}

// gridOf is the folder of the grid that a folder is a cell of, "" for none.
func gridOf(dir string) string {
	whole, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	cell := filepath.Base(whole)
	if whole = filepath.Dir(whole); !Is(whole) {
		return ""
	}
	if g, err := Read(whole); err != nil || !slices.Contains(g.Header.Folders, cell) {
		return ""
	}
	if parent := filepath.Dir(filepath.Clean(dir)); filepath.Base(filepath.Clean(dir)) == cell {
		return parent // It is named as it was named.
	}
	return whole
}

// StoredPlan is the plan of a grid, or of a search alone, that is to be resumed: see
// capacityrun.Resumed.
func StoredPlan(r *capacityrun.Resumed, flags *pflag.FlagSet, secretsAllowed []string) (plan.Plan, error) {
	var p plan.Plan
	if !Is(r.Dir) {
		if whole := gridOf(r.Dir); whole != "" {
			return p, fmt.Errorf("%s is a cell of the grid in %s, which goes on as a whole: "+
				"oauthbench capacity --resume %s", r.Dir, whole, plaintext.Shell([]string{whole}))
		}
		return r.StoredPlan(flags, secretsAllowed)
	}
	if err := r.TakeFlags(flags); err != nil {
		return p, err
	}
	g, err := Read(r.Dir)
	if err != nil {
		return p, err
	}
	if err := json.Unmarshal(g.Header.Plan, &p); err != nil {
		return p, fmt.Errorf("the plan stored in %s cannot be read: %w", r.Dir, err)
	}
	p.SecretsAllowed, p.Out, p.Budget = secretsAllowed, r.Dir, r.Budget
	err = r.RestoreSecrets(&p)
	return p, err
}

// create stores the header in a folder that holds none, and gives the folder. One that is
// named for the time gets a number behind it when it is taken.
func create(dir string, byTime bool, h grid.Header) (string, error) {
	data, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		return "", err
	}
	const most = 100
	at := dir
	for n := 2; ; n++ {
		err := createAt(at, append(data, '\n'))
		if !errors.Is(err, errTaken) || !byTime || n > most {
			return at, err
		}
		at = fmt.Sprintf("%s-%d", dir, n)
	}
}

// errTaken says that a folder holds something already.
var errTaken = errors.New("choose another folder")

func createAt(dir string, data []byte) error {
	if _, err := os.Stat(filepath.Join(dir, session.FileName)); err == nil {
		return fmt.Errorf("--out %s holds a run already: %w", dir, errTaken)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("--out %s: %w", dir, err)
	}
	err := wholefile.New(filepath.Join(dir, FileName), func(w io.Writer) error { _, err := w.Write(data); return err })
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("--out %s holds a grid already: go on with it by --resume, or %w", dir, errTaken)
	}
	return err
}
