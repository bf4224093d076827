//go:build unix

package owner

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// goneNumber is the number of a process that has ended.
func goneNumber(t *testing.T) int {
	t.Helper()
	dead := exec.Command(os.Args[0], "-test.run=^$")
	if err := dead.Run(); err != nil {
		t.Fatal(err)
	}
	return dead.Process.Pid
}

// Only what is certainly a dead process's is removed.
func TestSweepTemp(t *testing.T) {
	ended, alive, here := goneNumber(t), os.Getpid(), place()
	parent := t.TempDir()
	for _, test := range []struct {
		what, name string
		removed    bool
	}{
		{"left by a dead process", fmt.Sprintf("oauthbench-%d-%s-1", ended, here), true},
		{"of a live process", fmt.Sprintf("oauthbench-%d-%s-2", alive, here), false},
		{"of another machine or namespace", fmt.Sprintf("oauthbench-%d-0123456789abcdef-3", ended), false},
		{"with a name that goes on", fmt.Sprintf("oauthbench-%d-%s-8-results", ended, here), false},
		{"with a name that begins before", fmt.Sprintf("my-oauthbench-%d-%s-9", ended, here), false},
		{"without a place", fmt.Sprintf("oauthbench-%d-1", ended), false},
		{"without a number", "oauthbench-results", false},
	} {
		dir := filepath.Join(parent, test.name)
		if err := os.MkdirAll(filepath.Join(dir, "within"), 0o700); err != nil {
			t.Fatal(err)
		}
		removed, err := sweepTemp(parent)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(removed, dir) != test.removed {
			t.Errorf("directory %s: said to be removed are %v", test.what, removed)
		}
		if _, err := os.Lstat(dir); (err != nil) != test.removed {
			t.Errorf("directory %s: removed %t; want %t", test.what, err != nil, test.removed)
		}
	}
	// A link of the right name is not ours, nor is what it leads to, nor a file.
	precious := filepath.Join(t.TempDir(), fmt.Sprintf("oauthbench-%d-%s-11", ended, here))
	file := filepath.Join(parent, fmt.Sprintf("oauthbench-%d-%s-12", ended, here))
	err := os.Mkdir(precious, 0o700)
	if err == nil {
		err = os.Symlink(precious, filepath.Join(parent, fmt.Sprintf("oauthbench-%d-%s-10", ended, here)))
	}
	if err == nil {
		err = os.WriteFile(file, nil, 0o600)
	}
	if err == nil {
		_, err = sweepTemp(parent)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{precious, file} {
		if _, err := os.Lstat(path); err != nil {
			t.Errorf("sweep removed %s: %v", path, err)
		}
	}
}

// What a process makes is swept once it is gone, however early it was killed.
func TestMadeDirectoryIsKnown(t *testing.T) {
	parent := t.TempDir()
	made, err := makeTemp(parent)
	if err != nil {
		t.Fatal(err)
	}
	match := tempName.FindStringSubmatch(filepath.Base(made))
	if match == nil || match[1] != fmt.Sprint(os.Getpid()) || match[2] != place() {
		t.Errorf("made %s; want a name with this process and its place", made)
	}
	if removed, err := sweepTemp(parent); err != nil || len(removed) > 0 {
		t.Errorf("while its process runs, sweep removed %v, %v", removed, err)
	}
	if err := RemoveTemp(parent); err == nil {
		t.Errorf("RemoveTemp(%q) = nil; want a refusal", parent)
	}
	for range 2 { // The second time it is gone already.
		if err := RemoveTemp(made); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Lstat(made); err == nil {
		t.Errorf("%s is still there", made)
	}
}
