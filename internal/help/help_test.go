package help

import "testing"

func TestEditDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "ab", 2}, {"rate", "rats", 1}, {"kitten", "sitting", 3}, {"abc", "abc", 0}} {
		if got := editDistance(c.a, c.b); got != c.want {
			t.Errorf("editDistance(%q, %q) = %d; want %d", c.a, c.b, got, c.want)
		}
		if got := editDistance(c.b, c.a); got != c.want {
			t.Errorf("editDistance(%q, %q) = %d; want %d", c.b, c.a, got, c.want)
		}
	}
}

func TestFoldKeepsWordsAndTables(t *testing.T) {
	got := fold("One two three\nfour.\n\n  name  a long meaning of it\n  x     y", 16)
	want := "One two three\nfour.\n\n  name  a long\n        meaning\n        of it\n  x     y"
	if got != want {
		t.Errorf("fold =\n%s\nwant\n%s", got, want)
	}
}
