package scenarios

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// Every check that asks beside the load is in the list that says what it cannot see: those
// that the source names, and no others.
func TestChecksBesideTheLoadAreListed(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`(?m)^\s*check[A-Z]\w*\s+= "([^"]+)"$`)
	found := 0
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range named.FindAllStringSubmatch(string(source), -1) {
			found++
			if !slices.ContainsFunc(Beside, func(c Check) bool { return c.What == m[1] && c.Blind != "" }) {
				t.Errorf("%s: the check %q is not listed with what it cannot see", file, m[1])
			}
		}
	}
	if found != len(Beside)-1 { // that of what the load before the trials showed is bench's
		t.Errorf("%d checks are named, %d listed", found, len(Beside)-1)
	}
}
