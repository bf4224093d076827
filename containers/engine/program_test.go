package engine

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

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

// staticProgram is a small program that is linked statically.
func staticProgram(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	source, file := filepath.Join(dir, "main.go"), filepath.Join(dir, "program")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-o", file, source)
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v: %s", err, out)
	}
	return file
}

// waitForNextSecond waits until the clock shows another second than a time of the
// engine's does.
func waitForNextSecond(t *testing.T, created string) {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, created)
	if err != nil {
		t.Fatal(err)
	}
	for time.Now().Unix() <= at.Unix() {
		time.Sleep(50 * time.Millisecond)
	}
}
