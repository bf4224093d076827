package logs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// A log for people is the writer itself, which may be a terminal.
func TestPlainLogIsTheWriter(t *testing.T) {
	var out bytes.Buffer
	if w, err := Of(&out, false, "text"); w != &out || err != nil {
		t.Errorf("Of = %T, %v; want the writer itself", w, err)
	}
	End(&out, "it broke")
	if out.String() != "oauthbench: it broke\n" {
		t.Errorf("%q", out.String())
	}
}

func TestQuietLogHasTheErrorAlone(t *testing.T) {
	var out bytes.Buffer
	w, err := Of(&out, true, "")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(w, "starting")
	End(w, "it broke")
	if out.String() != "oauthbench: it broke\n" {
		t.Errorf("%q; want the error alone", out.String())
	}
}

// Each line is an object, however it was written; warnings and the last error have levels of
// their own.
func TestJSONLog(t *testing.T) {
	var out bytes.Buffer
	w, err := Of(&out, false, "json")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(w, "star")
	fmt.Fprint(w, "ting a \"server\"\n\n  pulling\noauthbench: it limps\n"+strings.Repeat("x", mostPending+1))
	fmt.Fprint(w, "\n")
	End(w, "it broke\nfor good")
	want := [][2]string{{"INFO", `starting a "server"`}, {"INFO", "pulling"}, {"WARN", "it limps"},
		{"INFO", strings.Repeat("x", mostPending+1)}, {"ERROR", "it broke\nfor good"}}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != len(want) {
		t.Fatalf("%d lines; want %d:\n%s", len(lines), len(want), out.String())
	}
	for i, line := range lines {
		var got struct{ Time, Level, Msg string }
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if got.Level != want[i][0] || got.Msg != want[i][1] || got.Time == "" {
			t.Errorf("line %d is %s; want %s", i, line, want[i])
		}
	}
}

// What did not end is written at the end, also of a command that went well.
func TestLastLineIsWritten(t *testing.T) {
	var out bytes.Buffer
	w, err := Of(&out, false, "json")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(w, "half a line")
	End(w, "")
	if got := out.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, `"msg":"half a line"`) {
		t.Errorf("%q; want one object", got)
	}
}

// A command line that was not understood has its error in the format that it asks for.
func TestErrorsOfTheCommandLineHaveTheirFormat(t *testing.T) {
	for _, c := range []struct {
		variable string
		args     []string
		json     bool
	}{
		{"", []string{"run"}, false},
		{"", []string{"run", "--frob", "--log-format", "json"}, true},
		{"", []string{"--log-format=json", "run", "--frob"}, true},
		{"json", []string{"run", "--frob"}, true},
		{"json", []string{"run", "--frob", "--log-format=text"}, false},
		{"", []string{"run", "--log-format", "jsn"}, false},
		{"", []string{"run", "--log-format"}, false},
	} {
		t.Setenv(formatVariable, c.variable)
		var out bytes.Buffer
		End(Asked(&out, c.args), "it broke")
		if json.Valid(out.Bytes()) != c.json {
			t.Errorf("%q with %q: %s", c.args, c.variable, out.String())
		}
	}
	var out bytes.Buffer
	w, err := Of(&out, true, "json")
	if err != nil || Asked(w, nil) != w {
		t.Errorf("a log that is made is replaced, or %v", err)
	}
}

func TestUnknownFormat(t *testing.T) {
	_, err := Of(&bytes.Buffer{}, false, "jsn")
	if want := `--log-format "jsn": did you mean json? There are text, json`; err == nil || err.Error() != want {
		t.Errorf("%v; want %q", err, want)
	}
}
