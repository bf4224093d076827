package plan

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the reference of keys into docs/plan.md")

const (
	referenceBegin = "<!-- keys: generated, go test ./internal/plan -run TestReference -update -->\n"
	referenceEnd   = "<!-- end of keys -->"
)

// docs/plan.md has every key as it is defined.
func TestReference(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "plan.md")
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(page), referenceBegin)
	_, after, ends := strings.Cut(rest, referenceEnd)
	if !found || !ends {
		t.Fatalf("%s has no place for the keys", path)
	}
	want := before + referenceBegin + reference() + referenceEnd + after
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(page) != want {
		t.Errorf("%s differs from the keys: run the command that stands in it", path)
	}
}

// reference is a table for each group of keys.
func reference() string {
	var b strings.Builder
	for _, group := range Groups {
		fmt.Fprintf(&b, "\n**%s**\n\n| key | value | default | commands | meaning |\n|---|---|---|---|---|\n", group)
		for _, k := range Keys {
			if k.Group != group {
				continue
			}
			value, meaning := k.Value, k.Usage+"."
			if k.Switch() {
				value = "true or false"
			} else if len(k.Choices) > 0 {
				value = strings.Join(k.Choices, ", ")
			}
			if k.Detail != "" {
				meaning += " " + k.Detail
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", k.Name, value, k.Default, strings.Join(k.Commands, ", "),
				strings.ToUpper(meaning[:1])+meaning[1:])
		}
	}
	return b.String() + "\n"
}
