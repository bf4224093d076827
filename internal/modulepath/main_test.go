package main

import (
	"os"
	"path/filepath"
	"testing"
)

// A module gets its new path where it stands and where it is imported, and nowhere else.
func TestChange(t *testing.T) {
	root := t.TempDir()
	before := map[string]string{
		"go.mod": "module old\n\ngo 1.26.0\n",
		"main.go": "package main\n\nimport (\n\t\"fmt\"\n\n\t\"old/a\"\n\tother \"older/b\"\n)\n\nvar _ = " +
			"\"old/a\"\n",
		"a/a_test.go":        "package a\n\nimport \"old\"\n",
		"tools/go.mod":       "module old/tools\n",
		"tools/main.go":      "package main\n\nimport \"old/a\"\n",
		"a/testdata/toy.go":  "package main\n\nimport \"old/a/b\"\n",
		".hidden/skipped.go": "not Go at all",
		"README.md": "`go install old@latest`, `go install older@latest`, `go install " +
			"example.com/old@latest`\n",
	}
	after := map[string]string{
		"go.mod": "module example.com/new\n\ngo 1.26.0\n",
		"main.go": "package main\n\nimport (\n\t\"fmt\"\n\n\t\"example.com/new/a\"\n\tother \"older/b\"\n)\n\n" +
			"var _ = \"old/a\"\n",
		"a/a_test.go": "package a\n\nimport \"example.com/new\"\n",
		"README.md": "`go install example.com/new@latest`, `go install older@latest`, " +
			"`go install example.com/old@latest`\n",
		"a/testdata/toy.go": "package main\n\nimport \"example.com/new/a/b\"\n",
	}
	for name, content := range before {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := change(root, "example.com/new"); err != nil {
		t.Fatal(err)
	}
	for name, content := range before {
		want := content
		if changed, ok := after[name]; ok {
			want = changed
		}
		got, err := os.ReadFile(filepath.Join(root, name))
		if err != nil || string(got) != want {
			t.Errorf("%s = %q, %v; want %q", name, got, err, want)
		}
	}
	for _, bad := range []string{"", "a b", "/x", "x\ny"} {
		if err := change(root, bad); err == nil {
			t.Errorf("change(%q) has no error", bad)
		}
	}
}
