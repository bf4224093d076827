package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// made are folders and files of a checkout that are no source: .gitignore has them.
var made = []string{"build", "dist", "results", "oauthbench-results", "oauthbench"}

// A copy that was given another path builds under that path, and so do its tests: whatever knows the
// path is changed by the command that the documentation names.
func TestACopyBuilds(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the program")
	}
	root := t.TempDir()
	copyCheckout(t, filepath.Join("..", ".."), root)
	const path = "example.com/our/oauthbench"
	run := func(args ...string) string {
		t.Helper()
		cmd := exec.Command("go", args...)
		cmd.Dir = root
		cmd.Env = append(os.Environ(), "GOFLAGS=-trimpath") // What was built once is built.
		text, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, text)
		}
		return string(text)
	}
	run("run", "./internal/modulepath", path)
	for _, imported := range strings.Fields(run("list", "-test", "-deps", "./...")) {
		if strings.HasPrefix(imported, "github.com/oauthbench/oauthbench/") {
			t.Errorf("%s is still imported", imported)
		}
	}
	if listed := run("list", "-f", "{{.ImportPath}}", "."); strings.TrimSpace(listed) != path {
		t.Errorf("the module is %q; want %q", listed, path)
	}
	run("build", "-o", os.DevNull, ".")
}

// copyCheckout copies the sources of a checkout.
func copyCheckout(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, file)
		if err != nil {
			return err
		}
		hidden := strings.HasPrefix(d.Name(), ".") && name != "."
		switch {
		case d.IsDir() && (hidden || slices.Contains(made, name)):
			return filepath.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, name), 0o755)
		case hidden || slices.Contains(made, name) || !d.Type().IsRegular():
			return nil
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), content, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}
