package plan

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every plan in examples is one that the command which its first lines name can read.
func TestExamplesAreRead(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "examples", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		read := false
		for _, command := range []string{Compare, Run, Selftest, Capacity} {
			if !strings.Contains(string(text), "oauthbench "+command+" --plan examples/"+filepath.Base(file)) {
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
