package reports

import (
	"regexp"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/reports/internal/fixture"
	"github.com/oauthbench/oauthbench/reports/internal/plot"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

// The page must work from a mail attachment on a plane.
func TestHTMLIsSelfContained(t *testing.T) {
	loads := regexp.MustCompile(
		`(?i)\s(src|srcset|data|action|poster|background|xlink:href)\s*=|<\s*(link|iframe|object|embed|base|form)\b|` +
			`@import|url\(|\bfetch\(|XMLHttpRequest|WebSocket|importScripts`)
	href := regexp.MustCompile(`(?i)href\s*=\s*"([^"]*)"`)
	for name, r := range fixture.Situations() {
		page := string(write(t, "html", r))
		if m := loads.FindString(page); m != "" {
			t.Errorf("%s: the page has %q", name, m)
		}
		for _, m := range href.FindAllStringSubmatch(page, -1) {
			if !strings.HasPrefix(m[1], "#") {
				t.Errorf("%s: link to %q", name, m[1])
			}
		}
		if !strings.Contains(page, `content="default-src 'none';`) {
			t.Errorf("%s: no content security policy", name)
		}
		if strings.Count(strings.ToLower(page), "</script") > 3 {
			t.Errorf("%s: a script ends early", name)
		}
		// Its licence goes with every copy of the library.
		if strings.Contains(page, "uPlot=function") && !strings.Contains(page, "Leon Sorokin") {
			t.Errorf("%s: uPlot stands in it without its licence", name)
		}
		if limit := 1_500_000; len(page) > limit {
			t.Errorf("%s: %d bytes; want at most %d", name, len(page), limit)
		}
	}
}

// A link within the page must lead somewhere.
func TestHTMLLinksLead(t *testing.T) {
	page := string(write(t, "html", fixture.UsualReport()))
	for _, m := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if !strings.Contains(page, `id="`+m[1]+`"`) {
			t.Errorf("no element with id %q", m[1])
		}
	}
}

func TestHostileStringsAreText(t *testing.T) {
	r := fixture.Hostile()
	page := string(write(t, "html", r))
	if strings.Contains(page, "<script>alert") || strings.Contains(page, "\x1b") || strings.Contains(page, "\u202e") {
		t.Error("html: markup or control characters came through")
	}
	if !strings.Contains(page, "&lt;script&gt;alert(1)&lt;/script&gt;") {
		t.Error("html: the name is not shown as text")
	}
	comment := string(write(t, "markdown", r))
	for _, bad := range []string{"<script", "@everyone", "](http", "://", "\x1b", "\u202e"} {
		if strings.Contains(strings.ReplaceAll(comment, `\]`, ""), bad) {
			t.Errorf("markdown: %q came through", bad)
		}
	}
	for line := range strings.Lines(comment) {
		if strings.HasPrefix(line, "| ") && strings.Count(strings.ReplaceAll(line, `\|`, ""), "|") > 9 {
			t.Errorf("markdown: a name breaks the table: %s", line)
		}
	}
	if text := string(write(t, "text", r)); strings.ContainsAny(text, "\x1b\u202e") {
		t.Error("text: control characters came through")
	}
	for _, f := range plot.Draw(summary.Of(r)).Of(plot.Wide) {
		if strings.ContainsAny(f.Name, "</|'\" ") {
			t.Errorf("file name %q", f.Name)
		}
		if strings.Contains(f.Inline("wide"), "<script") {
			t.Errorf("%s: markup came through", f.Name)
		}
	}
}

// Every chart is there without scripts, for wide and narrow paper.
func TestChartsNeedNoScript(t *testing.T) {
	page := string(write(t, "html", fixture.UsualReport()))
	page, _, _ = strings.Cut(page, `<script type="application/json"`)
	for _, class := range []string{"wide", "narrow"} {
		if n := strings.Count(page, `<svg class="`+class+`"`); n != 10 {
			t.Errorf("%d %s charts; want 10", n, class)
		}
	}
}

func TestLargeRun(t *testing.T) {
	if testing.Short() {
		t.Skip("a run of 120 trials")
	}
	r := fixture.Large()
	if n := len(write(t, "html", r)); n > 1_500_000 {
		t.Errorf("html: %d bytes", n)
	}
	if n := len(write(t, "markdown", r)); n > 65_000 {
		t.Errorf("markdown: %d bytes", n)
	}
}

func TestDegenerateRuns(t *testing.T) {
	broken := regexp.MustCompile(`\bNaN\b|[+-]Inf\b|%!|<nil>`)
	for name, r := range fixture.Degenerate() {
		t.Run(name, func(t *testing.T) {
			for _, f := range wordFormats() {
				out := string(write(t, f.Name, r))
				if f.Name == "html" {
					out, _, _ = strings.Cut(out, `<script>`)
				}
				if at := broken.FindStringIndex(out); at != nil {
					t.Errorf("%s shows %q", f.Name, out[max(0, at[0]-60):min(len(out), at[1]+20)])
				}
			}
			for _, f := range plot.Draw(summary.Of(r)).Of(plot.Wide) {
				if svg := f.Inline(""); broken.MatchString(svg) {
					t.Errorf("%s: %s", f.Name, broken.FindString(svg))
				}
			}
			if name == "zero" || name == "few requests" {
				if err := OfRun(r).WriteAll(t.TempDir()); err != nil {
					t.Error(err)
				}
			}
		})
	}
}
