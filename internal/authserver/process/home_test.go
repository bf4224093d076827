package process

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// Only what is certainly a dead process's is removed.
func TestSweep(t *testing.T) {
	dead := exec.Command(os.Args[0], "-test.run=^$")
	if err := dead.Run(); err != nil {
		t.Fatal(err)
	}
	gone := dead.Process.Pid
	self, err := newMarker()
	if err != nil {
		t.Fatal(err)
	}
	parent := t.TempDir()
	itoa := func(pid int) string { b, _ := json.Marshal(pid); return string(b) }
	ours := marker{gone, self.Host, self.Namespace}
	for _, test := range []struct {
		what, name string
		marker     any
		removed    bool
	}{
		{"left by a dead process", "oauthbench-" + itoa(gone) + "-1", ours, true},
		{"of a live process", "oauthbench-" + itoa(os.Getpid()) + "-2", self, false},
		{"without a marker", "oauthbench-" + itoa(gone) + "-3", nil, false},
		{"marked by another pid", "oauthbench-" + itoa(gone) + "-4", self, false},
		{"of another host", "oauthbench-" + itoa(gone) + "-5", marker{gone, "elsewhere", self.Namespace}, false},
		{"of another pid namespace", "oauthbench-" + itoa(gone) + "-6", marker{gone, self.Host, "pid:[1]"}, false},
		{"with a marker that is not ours", "oauthbench-" + itoa(gone) + "-7", "hello", false},
		{"with a name that goes on", "oauthbench-" + itoa(gone) + "-8-results", ours, false},
		{"with a name that begins before", "my-oauthbench-" + itoa(gone) + "-9", ours, false},
		{"without a number", "oauthbench-results", ours, false},
	} {
		dir := filepath.Join(parent, test.name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if test.marker != nil {
			text, err := json.Marshal(test.marker)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, markerFile), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		removed, err := sweepDirectories(parent)
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
	// A link of the right name, to a directory that looks right, is still not ours.
	target := filepath.Join(t.TempDir(), "precious")
	text, err := json.Marshal(ours)
	if err == nil {
		err = os.Mkdir(target, 0o700)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(target, markerFile), text, 0o600)
	}
	if err == nil {
		err = os.Symlink(target, filepath.Join(parent, "oauthbench-"+itoa(gone)+"-10"))
	}
	if err == nil {
		_, err = sweepDirectories(parent)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(target, markerFile)); err != nil {
		t.Error("sweep followed a link")
	}
}

func TestRemoveDirectoryRefusesOthers(t *testing.T) {
	dir := t.TempDir()
	if err := removeDirectory(dir); err == nil {
		t.Errorf("removeDirectory(%q) = nil; want a refusal", dir)
	}
	made, err := makeDirectory(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := removeDirectory(made); err != nil {
		t.Error(err)
	}
	if err := removeDirectory(made); err != nil {
		t.Errorf("removeDirectory of what is gone = %v; want nil", err)
	}
}
