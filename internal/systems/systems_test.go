package systems

import (
	"go/build"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// nothingLost are files that are not built for Linux, and that a run loses nothing by.
var nothingLost = map[string]string{
	"bench/generator/descriptors_other.go":       "there is no limit of descriptors",
	"bench/generator/priority/priority_other.go": "no run asks for a priority",
	"bench/http1/read_unix.go":                   "reads as the file for Linux does",
	"internal/filelock/lock_windows.go":          "locks as the file for Linux does",
}

// What is built for another system instead of Linux's is told of that system, or loses nothing.
func TestLacksAreThoseOfTheCode(t *testing.T) {
	for _, system := range both {
		told := map[string]bool{}
		for _, l := range lacks {
			if slices.Contains(l.On, system) {
				for _, file := range l.Files {
					told[file] = true
				}
			}
		}
		built := replaced(t, system)
		for _, file := range slices.Sorted(maps.Keys(built)) {
			if told[file] == (nothingLost[file] != "") {
				t.Errorf("%s is built for %s and not for Linux: say in lacks what a run misses by it, or in "+
					"nothingLost why it misses nothing", file, system)
			}
		}
		for file := range told {
			if !built[file] {
				t.Errorf("lacks names %s for %s, where it does not replace what Linux has", file, system)
			}
		}
	}
}

// replaced are the files that are built for a system and not for Linux.
func replaced(t *testing.T, system string) map[string]bool {
	t.Helper()
	there, linux := build.Default, build.Default
	there.GOOS, linux.GOOS = system, "linux"
	found := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() != filepath.Base(root) && strings.HasPrefix(d.Name(), "."):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		ours, err := there.MatchFile(filepath.Dir(path), d.Name())
		if err != nil {
			return err
		}
		onLinux, err := linux.MatchFile(filepath.Dir(path), d.Name())
		if ours && !onLinux {
			found[strings.TrimPrefix(filepath.ToSlash(path), root+"/")] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Fatal("no file was found")
	}
	return found
}

// A run on Linux begins as it always did; elsewhere each kind has its line, and all is told.
func TestMissing(t *testing.T) {
	if lines := Missing("linux"); lines != nil {
		t.Errorf("Missing(linux) = %q; want nothing", lines)
	}
	for _, system := range both {
		lines := Missing(system)
		for _, l := range lacks {
			told := slices.ContainsFunc(lines, func(line string) bool {
				return strings.HasPrefix(line, "missing on "+system+": "+string(l.Kind)+": ") &&
					strings.Contains(line, l.What)
			})
			if told != slices.Contains(l.On, system) {
				t.Errorf("%s: %q is told: %v", system, l.What, told)
			}
		}
		if len(lines) != len(kinds) {
			t.Errorf("Missing(%s) has %d lines; want one for each of %v", system, len(lines), kinds)
		}
	}
}

// The README has the same list.
func TestReadmeAgrees(t *testing.T) {
	text, err := os.ReadFile(root + "/README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), Markdown()) {
		t.Errorf("README.md has not this table:\n%s", Markdown())
	}
}
