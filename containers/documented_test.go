package containers

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the tables of docs/containers.md anew")

// Marks of the part of the page that is generated.
const (
	tablesBegin = "<!-- tables of settings: go test ./containers -run Documented -update -->\n"
	tablesEnd   = "<!-- end of the tables -->\n"
)

// tables are the servers with their settings, as the page has them.
func tables() string {
	var b strings.Builder
	for _, s := range Servers {
		fmt.Fprintf(&b, "\n### `%s:VERSION`\n\n%s. Tested: `%s`.\n", s.Name, s.Summary, strings.Join(s.Tested, "`, `"))
		for _, note := range s.Notes {
			fmt.Fprintf(&b, "%s\n", note)
		}
		fmt.Fprintf(&b, "\n| setting | values | default | |\n|---|---|---|---|\n")
		faults := false
		for _, x := range s.Settings {
			if strings.HasPrefix(x.Key, "fault.") {
				faults = true
				continue
			}
			name := "`" + x.Key + "`"
			for _, alias := range x.Aliases {
				name += ", once `" + alias + "`"
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", name, x.Allowed, x.Default, x.Summary)
		}
		if faults {
			fmt.Fprintf(&b, "| `fault.KIND` | | none | a planted fault: see [faults.md](faults.md) |\n")
		}
	}
	fmt.Fprintf(&b, "\nAll take one database:\n\n| `db` | tested | |\n|---|---|---|\n")
	for _, d := range Databases {
		fmt.Fprintf(&b, "| `%s` | `%s` | %s |\n", d.Example, strings.Join(d.Tested, "`, `"), d.Summary)
	}
	return b.String() + "\n"
}

// The page has every setting of every server, word for word.
func TestDocumented(t *testing.T) {
	file := filepath.Join("..", "docs", "containers.md")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok1 := strings.Cut(string(text), tablesBegin)
	got, after, ok2 := strings.Cut(rest, tablesEnd)
	if !ok1 || !ok2 {
		t.Fatalf("%s has no place for the tables: write\n%s%s", file, tablesBegin, tablesEnd)
	}
	if got == tables() {
		return
	}
	if !*update {
		t.Fatalf("%s differs from the settings that there are: run go test ./containers -run Documented -update", file)
	}
	if err := os.WriteFile(file, []byte(before+tablesBegin+tables()+tablesEnd+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
