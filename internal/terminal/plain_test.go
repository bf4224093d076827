package terminal

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/internal/plaintext"
)

// What is printed may be a stranger's words in any argument; the format is our own.
func TestFprintfIsPlain(t *testing.T) {
	const evil = "\x1b[31mred ::error::boom"
	const secret = "correct-horse-staple"
	plaintext.Secrets.Add(secret)
	var w strings.Builder
	if _, err := Fprintf(&w, "%s\t%v|%v|%q|%d\n", evil, errors.New(evil), &url.URL{Path: secret}, evil, 7); err != nil {
		t.Fatal(err)
	}
	want := "?[31mred : :error: :boom\t?[31mred : :error: :boom|" + url.PathEscape(plaintext.Hid) +
		"|\"?[31mred : :error: :boom\"|7\n"
	if got := strings.ReplaceAll(w.String(), plaintext.Hid, url.PathEscape(plaintext.Hid)); got != want {
		t.Errorf("Fprintf wrote %q; want %q", got, want)
	}
}
