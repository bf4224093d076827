package plan

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every plan in examples is one that the command which its first lines name can read.
func TestExamplesAreRead(t *testing.T) {
	root := filepath.Join("..", "..")
	files, err := filepath.Glob(filepath.Join(root, "examples", "*.yaml"))
	findings, _ := filepath.Glob(filepath.Join(root, "examples", "findings", "*.yaml"))
	if err != nil || len(files) == 0 || len(findings) == 0 {
		t.Fatalf("%d examples and %d of findings, %v", len(files), len(findings), err)
	}
	files = append(files, findings...)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		read := false
		for _, command := range []string{Compare, Run, Selftest, Capacity} {
			name, err := filepath.Rel(root, file)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(text), "oauthbench "+command+" --plan "+filepath.ToSlash(name)) {
				continue
			}
			read = true
			p := Default(command)
			if err := p.Read(command, file); err != nil {
				t.Errorf("%s: %v", file, err)
			} else if err := p.Check(); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
		if !read {
			t.Errorf("%s does not say which command runs it", file)
		}
	}
}
