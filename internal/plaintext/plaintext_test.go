package plaintext

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

var hostile = []string{
	"\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\u009b31m", "a\rb", "a\nb", "\u202egnp.exe", "\u2066x\u2069",
	"\u200bzero", "\ufeffmark", "\u2028line",
	"::error::boom", "  ::stop-commands::token", "::add-mask::x", "::set-output name=a::b", ":::error::x", "##[group]x",
	"##vso[task.complete]", "##teamcity[x]",
	"@everyone", "fixes #12", "octo/repo#12", "GH-12", "gh-7", "https://evil.example/x", "www.evil.example",
	"a@b.example", "&#64;everyone &#35;12",
	"=1+1", " =1+1", "-2", "|x", "＝1", "\xff\xfe", "\U000e0041tag", "\u3164",
}

func TestLineIsPlain(t *testing.T) {
	for _, s := range hostile {
		plain(t, s, Line(s))
	}
	for _, harmless := range []string{"token P95 12.4 ms", "×1.06 [0.98, 1.14]", "http://[::1]:8080/", "[2001:db8::ff]",
		"a::1", "Größe – 50 µs", "日本"} {
		if got := Line(harmless); got != harmless {
			t.Errorf("Line(%q) = %q; want it as it is", harmless, got)
		}
	}
}

// plain checks what every line must be.
func plain(t *testing.T, in, out string) {
	t.Helper()
	if strings.ContainsFunc(out, Hidden) || !utf8.ValidString(out) {
		t.Errorf("Line(%q) = %q has a character that does something", in, out)
	}
	if colonCommandIn(out) || hashCommand.MatchString(out) {
		t.Errorf("Line(%q) = %q holds a command", in, out)
	}
}

// colonCommandIn tells whether a line, or what follows any space in it, begins with a
// workflow command: words may be wrapped.
func colonCommandIn(s string) bool {
	for i := range s {
		if rest := s[i:]; strings.HasPrefix(rest, "::") {
			for _, name := range []string{"error", "warning", "notice", "debug", "group", "endgroup", "stop-commands",
				"add-mask", "add-path", "set-output", "save-state", "set-env", "echo", "add-matcher"} {
				if strings.HasPrefix(rest[2:], name) {
					return true
				}
			}
		}
	}
	return false
}

func FuzzLine(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		plain(t, s, Line(s))
		if again := Line(Line(s)); again != Line(s) {
			t.Errorf("Line(%q) = %q, and of that %q", s, Line(s), again)
		}
		for _, r := range Markdown(s) {
			if Hidden(r) && string(r) != gap {
				t.Errorf("Markdown(%q) holds %q", s, r)
			}
		}
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var want, got string
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatal(err)
		}
		safe := JSON(text)
		if err := json.Unmarshal(safe, &got); err != nil || got != want {
			t.Errorf("JSON(%s) = %s: %v", text, safe, err)
		}
		for _, r := range string(safe) {
			if Hidden(r) && r != utf8.RuneError {
				t.Errorf("JSON(%s) holds %q", text, r)
			}
		}
	})
}

// GitHub decodes entities before it looks for mentions and issues, so none may be left
// together with what follows.
func TestMarkdownCallsNobody(t *testing.T) {
	for _, s := range []string{"@everyone", "fixes #12", "octo/repo#12", "GH-12", "https://github.com/o/r/issues/1",
		"www.evil.example", "a@b.example", "&#64;x &#35;1"} {
		got := Markdown(s)
		decoded := strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">").Replace(got)
		for _, bad := range []string{"@e", "@b", "@x", "#1", "GH-1", "://", "www.e"} {
			if strings.Contains(decoded, bad) {
				t.Errorf("Markdown(%q) = %q still has %q", s, got, bad)
			}
		}
	}
	if got, want := Markdown("a_b *c* <d> | `e`"), "a\\_b \\*c\\* &lt;d&gt; \\| \\`e\\`"; got != want {
		t.Errorf("Markdown = %s; want %s", got, want)
	}
}

func TestCellIsNoFormula(t *testing.T) {
	for _, s := range hostile {
		if got := Cell(s); strings.ContainsAny(got[:1], "=+-@|%") {
			t.Errorf("Cell(%q) = %q", s, got)
		}
	}
}
