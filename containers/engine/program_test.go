package engine

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// A program brings all that it names, and what that names; a static one needs nothing.
func TestNeeds(t *testing.T) {
	of := func(file string) []string {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		files, err := needs(content)
		if err != nil {
			t.Fatalf("needs(%s) = %v", file, err)
		}
		return files
	}
	if got := of(staticProgram(t)); len(got) != 0 {
		t.Errorf("needs of a static program = %v; want nothing", got)
	}
	// /bin/ls needs libraries that need others.
	for _, program := range []string{"/bin/sh", "/bin/ls"} {
		listed, err := exec.Command("ldd", program).Output()
		if err != nil {
			t.Skipf("no ldd that knows %s", program)
		}
		want := 0
		got := of(program)
		for _, word := range strings.Fields(string(listed)) {
			if !strings.HasPrefix(word, "/") {
				continue
			}
			want++
			if !slices.ContainsFunc(got, func(file string) bool { return filepath.Base(file) == filepath.Base(word) }) {
				t.Errorf("needs(%s) = %v; ldd has %s too", program, got, word)
			}
		}
		if len(got) != want {
			t.Errorf("needs(%s) = %v; ldd has %d files", program, got, want)
		}
	}
	if _, err := needs([]byte("#!/bin/sh\n")); err == nil || !strings.Contains(err.Error(), "--binary") {
		t.Errorf("needs(script) = %v; want the cure for no Linux program", err)
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
