package page

import (
	"html"
	"strings"
	"testing"
)

// A value breaks behind punctuation, keeps its text, and becomes no markup.
func TestSoftKeepsTheText(t *testing.T) {
	for text, parts := range map[string]int{
		"": 1, "bcrypt": 1, "oryd/hydra:v1.11.10": 3, "hydra:v2.3.0?hasher=bcrypt&bcrypt_cost=10": 6,
		"</td><script>alert(1)</script>": 3, "a:": 1, strings.Repeat("x", 64): 1, "é/\u2028/<wbr>": 3,
	} {
		got := string(soft(text))
		if back := html.UnescapeString(strings.ReplaceAll(got, "<wbr>", "")); back != text {
			t.Errorf("%q becomes %q", text, back)
		}
		if n := strings.Count(got, "<wbr>") + 1; n != parts {
			t.Errorf("%q has %d parts; want %d: %s", text, n, parts, got)
		}
	}
}

// A flag stays whole, and what stands around it becomes no markup.
func TestStepKeepsFlagsWhole(t *testing.T) {
	const want = `&lt;b&gt; (<span class="flag">--wait-quiet</span> ` + "10\u00a0" +
		`ms, <span class="flag">--slo</span>)`
	if got := string(step("<b> (--wait-quiet 10 ms, --slo)")); got != want {
		t.Errorf("%q; want %q", got, want)
	}
}
