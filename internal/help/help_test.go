package help

import "testing"

func TestFoldKeepsWordsAndTables(t *testing.T) {
	got := fold("One two three\nfour.\n\n  name  a long meaning of it\n  x     y", 16)
	want := "One two three\nfour.\n\n  name  a long\n        meaning\n        of it\n  x     y"
	if got != want {
		t.Errorf("fold =\n%s\nwant\n%s", got, want)
	}
}
