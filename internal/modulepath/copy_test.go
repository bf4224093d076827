package main

import (
	"archive/zip"
	"bytes"
	"errors"
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

// A copy that was given another path is whole under that path, with its tests: whatever knows the path is
// changed by the command that the documentation names. Once it is published, `go install` fetches and builds it,
// and it says which version it is.
func TestACopyCanBeInstalled(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the program")
	}
	root := t.TempDir()
	copyCheckout(t, filepath.Join("..", ".."), root)
	const path, published = "example.com/our/oauthbench", "v1.2.3"
	call := func(program string, environ []string, args ...string) string {
		t.Helper()
		cmd := exec.Command(program, args...)
		cmd.Dir = root
		// What was built once is built.
		cmd.Env = slices.Concat(os.Environ(), []string{"GOFLAGS=-trimpath -modcacherw"}, environ)
		text, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, text)
		}
		return string(text)
	}
	run := func(args ...string) string { t.Helper(); return call("go", nil, args...) }
	before := strings.TrimSpace(run("list", "-m"))
	// The documentation names the official path, whether the checkout has it already or not.
	const official = "github.com/oauthbench/oauthbench"
	run("run", "./internal/modulepath", official)
	run("run", "./internal/modulepath", path)
	for _, imported := range strings.Fields(run("list", "-test", "-deps", "./...")) {
		for _, old := range []string{before, official} {
			if strings.HasPrefix(imported, old+"/") {
				t.Errorf("%s is still imported", imported)
			}
		}
	}
	for _, page := range []string{"README.md", "docs/releasing.md"} {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(page)))
		if err != nil || !strings.Contains(string(text), "go install "+path+"@latest") {
			t.Errorf("%s does not say how %s is installed (%v)", page, path, err)
		}
	}
	if listed := run("list", "-f", "{{.ImportPath}}", "."); strings.TrimSpace(listed) != path {
		t.Errorf("the module is %q; want %q", listed, path)
	}
	run("test", ".") // The guards of the layout know the path from go.mod.

	proxy, bin, cache := t.TempDir(), t.TempDir(), t.TempDir()
	publish(t, root, filepath.Join(proxy, filepath.FromSlash(path), "@v"), path, published)
	known := strings.TrimSpace(run("env", "GOMODCACHE"))
	call("go", []string{
		"GOPROXY=file://" + proxy + ",file://" + known + "/cache/download," + strings.TrimSpace(run("env", "GOPROXY")),
		"GOMODCACHE=" + cache, "GOBIN=" + bin, "GOSUMDB=off",
	}, "install", path+"@latest")
	if said := call(filepath.Join(bin, "oauthbench"), nil, "version"); said != "oauthbench "+published+"\n" {
		t.Errorf("what was installed says %q; want %s", said, published)
	}
}

// publish writes what a module proxy serves of one version (go.dev/ref/mod#goproxy-protocol).
func publish(t *testing.T, root, to, path, version string) {
	t.Helper()
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err := errors.Join(err, os.MkdirAll(to, 0o755)); err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	err = filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && file != root && isModule(file):
			return filepath.SkipDir // It is a module of its own.
		case d.IsDir():
			return nil
		}
		name, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		w, err := z.Create(path + "@" + version + "/" + filepath.ToSlash(name))
		if err != nil {
			return err
		}
		_, err = w.Write(content)
		return err
	})
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"list":            []byte(version + "\n"),
		version + ".info": []byte(`{"Version":"` + version + `","Time":"2026-01-02T03:04:05Z"}`),
		version + ".mod":  mod,
		version + ".zip":  packed.Bytes(),
	} {
		if err := os.WriteFile(filepath.Join(to, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
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
