package stack

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// staticBinary builds this module's program without cgo, once for all tests.
var staticBinary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "oauthbench-test-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "oauthbench")
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", path, "oauthbench")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if out, err := build.CombinedOutput(); err != nil {
		return dir, &exec.Error{Name: "go build: " + string(out), Err: err}
	}
	return path, nil
})

// TestMain removes the binary that a test may have built.
func TestMain(m *testing.M) {
	code := m.Run()
	if path := builtBinary; path != "" {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// builtBinary is what TestMain removes.
var builtBinary string

// binary is the program that the reference server's image is made of.
func binary(t *testing.T) string {
	t.Helper()
	path, err := staticBinary()
	builtBinary = path
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestStatic(t *testing.T) {
	own, err := os.ReadFile("/bin/sh")
	if err != nil {
		t.Skip("no /bin/sh")
	}
	if err := static(own); err == nil || !strings.Contains(err.Error(), "CGO_ENABLED=0") {
		t.Errorf("static(/bin/sh) = %v; want the cure for a dynamic program", err)
	}
	if err := static([]byte("#!/bin/sh\n")); err == nil || !strings.Contains(err.Error(), "--binary") {
		t.Errorf("static(script) = %v; want the cure for no Linux program", err)
	}
}
