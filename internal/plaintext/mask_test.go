package plaintext

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"
)

const secret = `p&ss/w+rd"é s3cret`

// ways are how a server may repeat a secret.
func ways(s string) map[string]string {
	basic := func(e *base64.Encoding, id string) string { return "Basic " + e.EncodeToString([]byte(id+":"+s)) }
	return map[string]string{
		"raw": "it is " + s + "!", "query": url.QueryEscape(s),
		"lower query": strings.ToLower("%2F") + url.QueryEscape(s), "path": url.PathEscape(s),
		"html": html.EscapeString(s), "hex": hex.EncodeToString([]byte(s)),
		"base64":  base64.StdEncoding.EncodeToString([]byte(s)),
		"basic a": basic(base64.StdEncoding, "a"), "basic ab": basic(base64.StdEncoding, "ab"),
		"basic abc":       basic(base64.URLEncoding, "abc"),
		"basic of a form": "Basic " + base64.StdEncoding.EncodeToString([]byte("id:"+url.QueryEscape(s))),
	}
}

func TestMaskHidesEachForm(t *testing.T) {
	m := NewMask(secret, "abc") // three letters are in every word
	for name, text := range ways(secret) {
		got := m.String(text)
		if !strings.Contains(got, Hid) {
			t.Errorf("%s: %q is not hidden", name, text)
		}
		for _, s := range spellingsOf(secret) {
			for at := range got {
				if n, _ := s.match(got[at:]); n > 0 {
					t.Errorf("%s: %q is left in %q", name, got[at:at+n], got)
				}
			}
		}
	}
	if got := m.String("abc, nothing else"); got != "abc, nothing else" {
		t.Errorf("hid too much: %q", got)
	}
	if got := (&Mask{}).String(secret); got != secret {
		t.Errorf("the zero mask hides %q", got)
	}
}

// Any character of a secret may be escaped beside others that are not, also where nothing had to be.
func TestMaskHidesAnyEscape(t *testing.T) {
	const plain = "s3cret-Value.9"
	m := NewMask(plain)
	percent := func(format string, every int) string {
		var b strings.Builder
		for i := range plain {
			if i%every == 0 {
				fmt.Fprintf(&b, format, plain[i])
				continue
			}
			b.WriteByte(plain[i])
		}
		return b.String()
	}
	for _, format := range []string{"%%%02x", "%%%02X", "%%25%02X", "&#%d;", "&#x%X;", `\u%04x`, `\x%02X`} {
		for every := 1; every <= len(plain); every++ {
			text := percent(format, every)
			if got, want := m.String("<"+text+">"), "<"+Hid+">"; got != want {
				t.Errorf("every %d. character as %s: %q; want %q", every, format, got, want)
			}
		}
	}
	for _, other := range []string{"s3cret-Valu", "%73%33cret-Value", "s3cret-value.9", "&#115;3cret-Value."} {
		if got := m.String(other); got != other {
			t.Errorf("%q became %q: it is not the secret", other, got)
		}
	}
}

// However a text is cut, nothing of the secret passes and nothing else is lost.
func FuzzMaskWriter(f *testing.F) {
	f.Add("before "+secret+" after "+secret[:5], uint8(3))
	f.Add("%70&#38;%73s/w%2brd&quot;\\u00e9+s3cret s3cre", uint8(0))
	f.Fuzz(func(t *testing.T, text string, step uint8) {
		m := NewMask(secret)
		var out strings.Builder
		w := m.Writer(&out)
		for rest := text; rest != ""; {
			n := min(int(step)+1, len(rest))
			if _, err := w.Write([]byte(rest[:n])); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if got, want := out.String(), m.String(text); got != want || strings.Contains(got, secret) {
			t.Errorf("in pieces of %d: %q; want %q", step, got, want)
		}
	})
}

// A secret that is a word of our own texts does not tear them apart, and is hidden where
// it can only be the secret.
func TestOwnWordsAreNotHidden(t *testing.T) {
	m := NewMask("secret")
	if got := m.String("client_secret_basic: a wrong secret"); got != "client_secret_basic: a wrong secret" {
		t.Errorf("own words became %q", got)
	}
	header := base64.StdEncoding.EncodeToString([]byte("bench:secret"))
	if got := m.String("Basic " + header); strings.Contains(got, header) {
		t.Errorf("the header was shown: %q", got)
	}
	if got := m.String("%73ecret"); got != Hid {
		t.Errorf("escaped, which no word of ours is: %q", got)
	}
}
