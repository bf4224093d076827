package rehearse

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A file of rows is read whole or refused: of one that was cut, tables would be missing in silence.
func TestCountsAreReadWhole(t *testing.T) {
	for text, want := range map[string]string{
		"access,1000\n": "", strings.Repeat("# nothing\n", mostCountsBytes/10) + "access,1000\n": "--project",
	} {
		file := filepath.Join(t.TempDir(), "rows.csv")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		o := Options{Counts: file}
		switch err := o.readCounts(); {
		case want == "" && (err != nil || o.Project["access"] != 1000):
			t.Errorf("%d bytes: %v, %v; want 1000 rows of access", len(text), o.Project, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%d bytes: %v; want an error about %s", len(text), err, want)
		}
	}
}
