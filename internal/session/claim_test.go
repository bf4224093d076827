package session

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/filelock"
)

// Of a directory that a killed run left, the next run makes use when nothing was stored
// there; what holds anything else is never touched.
func TestWhatAKilledRunLeftIsUsed(t *testing.T) {
	for what, c := range map[string]struct {
		text string
		free bool
	}{
		"nothing":            {"", true},
		"half a header":      {`{"header":{"schema":2,"to`, true},
		"the first brace":    {`{"he`, true},
		"a header":           {`{"header":{"schema":2}}` + "\n", false},
		"something else":     {"hello", false},
		"an end of a line":   {"\n", false},
		"too long a header":  {`{"header":` + strings.Repeat(" ", mostHeader), false},
		"the end of a trial": {`"x":1}` + "\n", false},
	} {
		path := filepath.Join(t.TempDir(), FileName)
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := claim(path)
		if c.free != (err == nil) || !c.free && !errors.Is(err, errHoldsRun) {
			t.Errorf("%s: error %v; want it free: %v", what, err, c.free)
		}
		want := c.text
		if err == nil {
			want = ""
			defer f.Close()
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s: %d bytes are left, %v; want %d", what, len(got), err, len(want))
		}
	}
}

// A run that is alive and has stored nothing yet keeps its file.
func TestRunUnderWayKeepsItsFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "r")
	first, err := createDirectory(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := createDirectory(dir, false); !errors.Is(err, errUnderWay) {
		t.Errorf("beside a run under way: error %v", err)
	}
	beside, err := createDirectory(dir, true)
	if err != nil || beside.path != dir+"-2" {
		t.Fatalf("named for the same second: %+v, %v", beside, err)
	}
	if err := errors.Join(first.close(), beside.close()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("a directory in which nothing was stored: %v", err)
	}
}

// Of all that want one file at once, one gets it, and it is the file that lies there.
func TestOneRunGetsTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), FileName)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 200 {
				f, err := claim(path)
				if errors.Is(err, errUnderWay) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				if !filelock.LiesAt(path, f) {
					t.Error("the file that was claimed is not the one that lies there")
				}
				if err := bench.NewRunFile(f).Close(); err != nil { // It is empty, and removed.
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

// A link is not followed: what it leads to is not a run of ours.
func TestLinkIsNoRun(t *testing.T) {
	dir := t.TempDir()
	precious := filepath.Join(dir, "precious")
	if err := os.WriteFile(precious, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, FileName)
	if err := os.Symlink(precious, link); err != nil {
		t.Skip(err)
	}
	if _, err := claim(link); !errors.Is(err, errHoldsRun) {
		t.Errorf("claim of a link: error %v", err)
	}
	if f, err := os.Open(precious); err != nil || filelock.Lock(f) != nil {
		t.Errorf("what the link leads to was locked: %v", err)
	}
}
