package containers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// built are the programs that tests have built, by folder.
var built struct {
	sync.Mutex
	folder string
	files  map[string]string
}

// TestMain removes the programs that tests may have built.
func TestMain(m *testing.M) {
	code := m.Run()
	if built.folder != "" {
		os.RemoveAll(built.folder)
	}
	os.Exit(code)
}

// buildOnce builds a program of this module, named by its folder, without cgo, once for
// all tests.
func buildOnce(t *testing.T, program string) string {
	t.Helper()
	built.Lock()
	defer built.Unlock()
	if file, ok := built.files[program]; ok {
		return file
	}
	if built.folder == "" {
		dir, err := os.MkdirTemp("", "oauthbench-test-")
		if err != nil {
			t.Fatal(err)
		}
		built.folder, built.files = dir, map[string]string{}
	}
	file := filepath.Join(built.folder, fmt.Sprint("program", len(built.files)))
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", file, program)
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build %s: %v: %s", program, err, out)
	}
	built.files[program] = file
	return file
}

// binary is the program that the reference server's image is made of.
func binary(t *testing.T) string {
	t.Helper()
	return buildOnce(t, "..")
}
