package nearest

import (
	"strings"
	"testing"
)

func TestWord(t *testing.T) {
	names := []string{"token", "introspect", "revoke", "refresh", "baseline"}
	for word, want := range map[string]string{
		"tokn":      "token",      // a letter left out
		"tokne":     "token",      // two letters swapped
		"introspct": "introspect", // in a long word
		"basline":   "baseline",
		"revoke":    "revoke", // the word itself
		"logout":    "",       // nothing like it
		"":          "",
	} {
		if got := Word(word, names); got != want {
			t.Errorf("Word(%q) = %q; want %q", word, got, want)
		}
	}
}

// A word of a stranger is as long as he likes.
func TestWordOfAnyLength(t *testing.T) {
	if got := Word(strings.Repeat("x", 1<<20), []string{"token"}); got != "" {
		t.Errorf("a word of a megabyte is taken for %q", got)
	}
}

func TestCure(t *testing.T) {
	names := []string{"quick", "ci"}
	if got, want := Cure("quik", names), "did you mean quick? There are quick, ci"; got != want {
		t.Errorf("Cure = %q; want %q", got, want)
	}
	if got, want := Cure("slow", names), "there are quick, ci"; got != want {
		t.Errorf("Cure = %q; want %q", got, want)
	}
}
