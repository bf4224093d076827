package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The page lists every kind.
func TestFaultsAreDocumented(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "faults.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range FaultKinds() {
		if row := "| `fault." + k.Name + "=" + strings.ReplaceAll(k.Form(), "|", `\|`) + "` | " + k.Summary +
			" |\n"; !strings.Contains(string(page), row) {
			t.Errorf("docs/faults.md lacks the row\n%s", row)
		}
	}
	for _, o := range Operations() {
		if !strings.Contains(string(page), "`"+o+"`") {
			t.Errorf("docs/faults.md does not name the operation %s", o)
		}
	}
}
