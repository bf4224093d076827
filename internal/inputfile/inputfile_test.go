package inputfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadTakesUpToItsLimit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "plan.yaml")
	if err := os.WriteFile(path, []byte("12345"), 0o600); err != nil {
		t.Fatal(err)
	}
	if data, err := Read(path, 5); err != nil || string(data) != "12345" {
		t.Errorf("Read of 5 bytes with a limit of 5 = %q, %v", data, err)
	}
	if _, err := Read(path, 4); err == nil || !strings.Contains(err.Error(), path+" is larger than 4 bytes") {
		t.Errorf("Read of 5 bytes with a limit of 4: error %v", err)
	}
}

func TestOnlyRegularFilesAreOpened(t *testing.T) {
	folder := t.TempDir()
	link := filepath.Join(folder, "link")
	if err := os.Symlink(os.DevNull, link); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{folder: "a folder", os.DevNull: "a device", link: "a device"} {
		if _, err := Read(path, 10); err == nil || !strings.Contains(err.Error(), path+" is "+want+", not a file") {
			t.Errorf("Read(%s): error %v; want one that says %s", path, err, want)
		}
	}
	if _, err := Read(filepath.Join(folder, "absent"), 10); !os.IsNotExist(err) {
		t.Errorf("Read of an absent file: error %v", err)
	}
}
