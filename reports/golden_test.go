package reports

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/oauthbench/oauthbench/reports/internal/fixture"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares with testdata/name.golden and shows the first line that differs.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(got, want) {
		return
	}
	gs, ws := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(gs), len(ws)) {
		g, w := "(end)", "(end)"
		if i < len(gs) {
			g = gs[i]
		}
		if i < len(ws) {
			w = ws[i]
		}
		if g != w {
			t.Fatalf("%s, line %d:\n got %q\nwant %q\n(-update rewrites it)", path, i+1, g, w)
		}
	}
}

// wordFormats are the formats that are text.
func wordFormats() []Format {
	return slices.DeleteFunc(slices.Clone(Formats), func(f Format) bool { return f.Name == "plots" })
}

func write(t *testing.T, format string, r summary.Report) []byte {
	t.Helper()
	for _, f := range Formats {
		if f.Name == format {
			var b bytes.Buffer
			if f.Single() {
				if err := f.Write(&b, OfRun(r)); err != nil {
					t.Fatalf("%s: %v", format, err)
				}
				return b.Bytes()
			}
			for _, one := range f.files(OfRun(r)) {
				if err := one.write(&b); err != nil {
					t.Fatalf("%s: %s: %v", format, one.name, err)
				}
			}
			return b.Bytes()
		}
	}
	t.Fatalf("no format %s", format)
	return nil
}

func TestGoldens(t *testing.T) {
	for name, r := range fixture.Situations() {
		golden(t, name+".txt", write(t, "text", r))
		golden(t, name+".xml", write(t, "junit", r))
		if name == "usual" || name == "single" {
			golden(t, name+".md", write(t, "markdown", r))
			golden(t, name+".json", write(t, "json", r))
			for _, format := range []string{"openmetrics", "bencher", "action-benchmark", "gobench"} {
				golden(t, name+"."+format, write(t, format, r))
			}
		}
	}
	var b bytes.Buffer
	if err := OfRun(fixture.UsualReport()).WriteText(&b, true); err != nil {
		t.Fatal(err)
	}
	golden(t, "color.txt", b.Bytes())
}

func TestTextFitsTerminal(t *testing.T) {
	for name, r := range fixture.Situations() {
		for line := range strings.Lines(string(write(t, "text", r))) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > textWidth {
				t.Errorf("%s: %d columns: %s", name, n, line)
			}
		}
	}
}

// The first line says what state the run is in.
func TestFirstLine(t *testing.T) {
	want := map[string]string{
		"usual":         "REGRESSION: embedded:v2 against embedded:v1\n",
		"interrupted":   "INTERRUPTED, INCONCLUSIVE: embedded:v2 against embedded:v1\n",
		"single":        "MEASURED: embedded:v2\n",
		"contradictory": "INVALID: embedded:v2 against embedded:v1\n",
		"invalid":       "INVALID: embedded:v2 against embedded:v1\n",
		"unjudged":      "MEASURED: embedded:v2 against embedded:v1\n",
		"empty":         "INTERRUPTED, NO RESULT: embedded:v2 against embedded:v1\n",
	}
	for name, r := range fixture.Situations() {
		if got := string(write(t, "text", r)); !strings.HasPrefix(got, want[name]) {
			first, _, _ := strings.Cut(got, "\n")
			t.Errorf("%s: first line %q; want %q", name, first, want[name])
		}
	}
}
