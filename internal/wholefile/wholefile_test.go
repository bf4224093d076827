package wholefile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func write(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

// A disk that fills up leaves the file that was there, and nothing else.
func TestWholeOrNot(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "verdict.json")
	if err := Replace(path, write("before")); err != nil {
		t.Fatal(err)
	}
	full := errors.New("no space left on device")
	half := func(w io.Writer) error { return errors.Join(write("half")(w), full) }
	for _, put := range []func(string, func(io.Writer) error) error{Replace, New} {
		if err := put(path, half); !errors.Is(err, full) {
			t.Errorf("error %v; want %v", err, full)
		}
	}
	if err := New(path, write("another")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("New over a file: error %v; want that it exists", err)
	}
	if data, _ := os.ReadFile(path); string(data) != "before" {
		t.Errorf("the file is %q; want it as it was", data)
	}
	if err := Replace(path, write("after")); err != nil {
		t.Fatal(err)
	}
	if data, _ := os.ReadFile(path); string(data) != "after" {
		t.Errorf("the file is %q; want it replaced", data)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"verdict.json"}) {
		t.Errorf("left %q", got)
	}
}

// What a killed program left goes; what looks nearly so, and what another program is
// writing, stays.
func TestLeftoversAreSwept(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.html")
	stay := []string{".report.html.x", ".report.html.", ".report.md.123", "report.html.123"}
	for _, name := range append(slices.Clone(stay), ".report.html.123", ".report.html.4294967295") {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, ".report.html.7"), 0o700); err != nil {
		t.Fatal(err)
	}
	beside, err := createBeside(path)
	if err != nil {
		t.Fatal(err)
	}
	defer beside.Close()
	if err := Replace(path, write("")); err != nil {
		t.Fatal(err)
	}
	want := append(stay, ".report.html.7", filepath.Base(beside.Name()), "report.html")
	slices.Sort(want)
	if got := names(t, dir); !slices.Equal(got, want) {
		t.Errorf("left %q; want %q", got, want)
	}
}

// Writers at the same time do not take each other's files away: each writes its whole, and
// of those that must be new one wins.
func TestManyAtOnce(t *testing.T) {
	dir := t.TempDir()
	path, once := filepath.Join(dir, "file"), filepath.Join(dir, "once")
	var all sync.WaitGroup
	made := make([]bool, 8)
	for i := range made {
		all.Go(func() {
			for n := range 50 {
				if err := Replace(path, write(fmt.Sprint(i, n))); err != nil {
					t.Error(err)
				}
			}
			err := New(once, write(""))
			if made[i] = err == nil; err != nil && !errors.Is(err, fs.ErrExist) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if i := slices.Index(made, true); i < 0 || slices.Contains(made[i+1:], true) {
		t.Errorf("%v made the new file; want one", made)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"file", "once"}) {
		t.Errorf("left %q", got)
	}
}
