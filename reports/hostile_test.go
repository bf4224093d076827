package reports

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/fixture"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

// poison puts hostile text into every string that v holds.
func poison(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			poison(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				poison(v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			poison(v.Index(i))
		}
	case reflect.String:
		if v.CanSet() && v.Type().Name() == "string" { // roles and decisions are the program's own
			v.SetString(v.String() + fixture.Evil)
		}
	}
}

// poisoned are one document of each kind, full of hostile text.
func poisoned() map[string]*Document {
	run := fixture.Hostile()
	poison(reflect.ValueOf(&run.Verdict).Elem())
	poison(reflect.ValueOf(&run.Run.Warnings).Elem())
	poison(reflect.ValueOf(&run.Run.Environment).Elem())
	a, h, s := usualApart(), usualHistory(), usualSelftest()
	a.Verdict = run.Verdict
	for _, kind := range []any{&a.Name, &a.Baseline, &a.Candidate, &a.Allowed, &h.LeftOut, &s.Target, &s.Environment,
		&s.Noise, &s.Against} {
		poison(reflect.ValueOf(kind).Elem())
	}
	for _, r := range h.Releases {
		r.Name += fixture.Evil
		for i := range r.Merged {
			r.Merged[i].Operation += fixture.Evil
		}
	}
	return map[string]*Document{
		"run": OfRun(run),
		"releases": ofReleases(summary.NewReleases([]summary.Release{{Dir: fixture.Evil, Report: run},
			{Dir: "b", Report: fixture.Hostile()}}, []string{fixture.Evil}, []string{fixture.Evil})),
		"apart": a.Document(), "history": h.Document(), "baseline": OfBaseline(h.Releases[0]), "selftest": s.Document(),
	}
}

// Whatever a server, an image or a plan says, it does nothing on any way out.
func TestHostileTextDoesNothing(t *testing.T) {
	for kind, d := range poisoned() {
		for _, f := range wordFormats() {
			for _, one := range f.filesOf(d) {
				var b bytes.Buffer
				if err := one.write(&b); err != nil {
					t.Fatalf("%s as %s: %v", kind, one.name, err)
				}
				harmless(t, kind+" as "+f.Name, f.Name, b.String())
			}
		}
	}
}

func harmless(t *testing.T, where, format, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		body := strings.TrimRight(line, "\r\n")
		for _, r := range body {
			if plaintext.Hidden(r) && r != '\t' && !(format == "markdown" && r == '\u200b') {
				t.Errorf("%s: %q in %.200q", where, r, body)
				return
			}
		}
		if begin := strings.TrimSpace(body); strings.HasPrefix(begin, "::") {
			t.Errorf("%s: a workflow command: %.200q", where, body)
		}
		if format != "html" && format != "json" && (strings.Contains(body, "##[") || strings.Contains(body, "##vso[")) {
			t.Errorf("%s: a command: %.200q", where, body)
		}
	}
	switch format {
	case "html":
		if strings.Contains(text, "<script>alert") {
			t.Errorf("%s: a script", where)
		}
	case "markdown":
		fence := strings.Contains(text, "```") && !strings.Contains(text, "```text")
		for _, bad := range []string{"@everyone", "#12", "GH-7", "<script", "http://evil", "&#64;"} {
			if !fence && strings.Contains(text, bad) {
				t.Errorf("%s: holds %q", where, bad)
			}
		}
	case "csv":
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			for _, c := range row {
				if c != "" && strings.ContainsAny(c[:1], "=+@|%") {
					t.Errorf("%s: cell %q", where, c)
				}
			}
		}
	}
}

// The secrets of the process are in no format, however a server repeats them.
func TestSecretsAreInNoFormat(t *testing.T) {
	const secret = "correct-horse-battery"
	plaintext.Secrets.Add(secret)
	r := fixture.UsualReport()
	r.Run.Warnings = append(r.Run.Warnings, "the server said: "+secret)
	r.Verdict.Reasons = []string{"401: Basic aWQ6Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5 was refused"}
	dir := t.TempDir()
	if err := OfRun(r).WriteAll(dir); err != nil {
		t.Fatal(err)
	}
	for _, f := range wordFormats() {
		out := string(write(t, f.Name, r))
		if strings.Contains(out, secret) || strings.Contains(out, "Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5") {
			t.Errorf("%s holds the secret", f.Name)
		}
	}
	page, err := os.ReadFile(filepath.Join(dir, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(page, []byte(secret)) || !bytes.Contains(page, []byte(plaintext.Hid)) {
		t.Error("report.html holds the secret")
	}
}
