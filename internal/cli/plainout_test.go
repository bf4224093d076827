package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// Words of others reach a terminal through terminal.Fprintf alone. What prints otherwise is
// listed here, and prints words of this program and of whoever calls it.
func TestWordsOfOthersArePrintedPlain(t *testing.T) {
	own := []string{"compare.go", "releases.go", "report.go", "root.go", "scenarios.go", "selftest.go", "serve.go",
		"targets.go", "version.go"}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	raw := regexp.MustCompile(`fmt\.Fprintf?\(`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if test, _ := filepath.Match("*_test.go", file); !test && raw.Match(text) && !slices.Contains(own, file) {
			t.Errorf("%s prints with fmt: what may hold words of others goes through terminal.Fprintf", file)
		}
	}
}
