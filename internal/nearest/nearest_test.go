package nearest

import (
	"fmt"
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

// Of many names a line says what was probably meant; else the families, or the names of the word's own
// family, as far as a line goes, and where all of them are.
func TestCureOfMany(t *testing.T) {
	names := []string{"tokens", "hasher"}
	for i := range 60 {
		names = append(names, fmt.Sprintf("fault.number_%d", i))
	}
	const where = "docs/faults.md has all"
	for word, want := range map[string]string{
		"token":          "did you mean tokens?",
		"nothing_alike":  "there are tokens, hasher, fault.NAME (" + where + ")",
		"fault.whatever": "there are fault.number_0, fault.number_1, ",
	} {
		got := CureIn(word, names, where)
		if !strings.HasPrefix(got, want) || len(got) > mostListed+50 {
			t.Errorf("CureIn(%q) = %q; want one line with %q", word, got, want)
		}
	}
	if got := CureIn("fault.whatever", names, where); !strings.HasSuffix(got, " and 46 more ("+where+")") {
		t.Errorf("CureIn = %q; want what is left out, and where all are", got)
	}
}
