package rehearse

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/oauthbench/oauthbench/scenarios/upgrade"
	"github.com/oauthbench/oauthbench/scenarios/upgrade/journal"
)

// killedOptions are those of a rehearsal that was killed.
func killedOptions() Options {
	return Options{From: "embedded:v1", To: "embedded:v2", Strategy: upgrade.BlueGreen, Copy: ByDump, Replay: ByAPI,
		Twins: 3, Run: "rehearsal-of-a-test", Started: time.Unix(1000, 0)}
}

// leaveKilled makes what a rehearsal leaves in its directory that was killed.
func leaveKilled(t *testing.T, out string) {
	t.Helper()
	hidden := filepath.Join(out, private)
	if err := errors.Join(os.MkdirAll(hidden, 0o700), storeOptions(hidden, killedOptions())); err != nil {
		t.Fatal(err)
	}
}

// filesIn are the names below a directory with what is in them, without the lock, which says nothing.
func filesIn(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == lockFile {
			return err
		}
		text, err := os.ReadFile(path)
		b.WriteString(path + ": " + string(text) + "\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A directory is one process' at a time: who comes second is told so, whichever way, and changes nothing.
func TestOneRehearsalInADirectory(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	o := killedOptions()
	o.Out = out
	d, err := openDirectory(o)
	if err != nil {
		t.Fatal(err)
	}
	before := filesIn(t, out)
	for _, second := range []Options{{Out: out}, {Out: out, Resume: out}} {
		_, err := openDirectory(second)
		if bad := (*BadDirectory)(nil); !errors.As(err, &bad) || !errors.Is(err, errAtWork) {
			t.Errorf("%+v: %v; want to be told that another is at work", second, err)
		}
	}
	if after := filesIn(t, out); after != before {
		t.Errorf("the second has changed what was there:\n%s\n%s", before, after)
	}
	if err := d.leave(); err != nil {
		t.Fatal(err)
	}
	again, err := openDirectory(Options{Out: out, Resume: out})
	if err != nil {
		t.Fatalf("when the first was gone: %v", err)
	}
	if again.options.Run != d.options.Run || again.options.Run == o.Run {
		t.Errorf("it goes on as run %q; want %q, which was drawn", again.options.Run, d.options.Run)
	}
	if err := again.close(); err != nil || exists(out) {
		t.Errorf("%v, the directory is there: %v; want an empty one gone", err, exists(out))
	}
}

// Options that this program did not write are refused, and stay.
func TestStoredOptionsAreChecked(t *testing.T) {
	good, err := json.Marshal(stored{storedVersion, killedOptions()})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ what, from, to, says string }{
		{"cut off", "", "", "damaged"},
		{"of before there were versions", `"version":1,`, "", "another version"},
		{"of a later version", `"version":1`, `"version":2`, "another version"},
		{"with a field that nobody knows", `"twins":3`, `"twins":3,"triplets":3`, "damaged"},
		{"with a value out of bounds", `"twins":3`, `"twins":0`, "damaged"},
		{"with a strategy that there is not", `"blue-green"`, `"green-blue"`, "damaged"},
		{"with another target", `"embedded:v1"`, `"embedded:v7"`, "damaged"},
		{"without a run", `"run":"rehearsal-of-a-test"`, `"run":""`, "damaged"},
		{"as it was", "", "", ""},
	} {
		out := t.TempDir()
		leaveKilled(t, out)
		text := strings.Replace(string(good), test.from, test.to, 1)
		if test.what == "cut off" {
			text = text[:len(text)/2]
		}
		file := filepath.Join(out, private, optionsFile)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		d, err := openDirectory(Options{Resume: out, Out: out})
		if test.says == "" {
			if err != nil {
				t.Errorf("%s: %v", test.what, err)
				continue
			}
			if err := d.leave(); err != nil {
				t.Error(err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v; want %q", test.what, err, test.says)
		}
		if now, err := os.ReadFile(file); err != nil || string(now) != text {
			t.Errorf("%s: %v; want the file as it was", test.what, err)
		}
	}
}

// A rehearsal that cannot be gone on with loses nothing: neither what is remembered nor the journal.
func TestFailedResumeLosesNothing(t *testing.T) {
	for what, saved := range map[string]snapshot{
		"steps of another version": {World: "{}", Memory: upgrade.Memory{Steps: []upgrade.Step{{Name: "dance"}}}},
		"a world that is no world": {World: "{"},
	} {
		out := t.TempDir()
		leaveKilled(t, out)
		o := killedOptions()
		o.From, o.To = "reference:v1", "reference:v2"
		if err := storeOptions(filepath.Join(out, private), o); err != nil {
			t.Fatal(err)
		}
		d, err := openDirectory(Options{Resume: out, Out: out})
		if err != nil {
			t.Fatal(err)
		}
		_, err = d.journal.Append(journal.Entry{Act: journal.RevokeToken, Token: "precious"})
		if err = errors.Join(err, d.save(saved), d.leave()); err != nil {
			t.Fatal(err)
		}
		before := filesIn(t, out)
		if _, err := Run(t.Context(), Options{Resume: out, Out: out}); err == nil {
			t.Errorf("%s: no error", what)
		}
		if after := filesIn(t, out); after != before {
			t.Errorf("%s: before\n%s\nafter\n%s", what, before, after)
		}
	}
}

// Flags beside --resume would have to change what is done already; that of the output alone may be given.
func TestFlagsBesideResume(t *testing.T) {
	for _, test := range []struct {
		args []string
		says string
	}{
		{[]string{"--format", "json"}, ""},
		{[]string{"--rate", "7", "--to", "embedded:v2"}, "leave out --rate, --to"},
		{[]string{"--plan-only"}, "leave out --plan-only"},
		{[]string{"--strategy", "all"}, "leave out --strategy"},
		{[]string{"--after-migrate", "repair.sql"}, "leave out --after-migrate"},
	} {
		var o Options
		flags := pflag.NewFlagSet("rehearse", pflag.ContinueOnError)
		o.Flags(flags)
		flags.Bool("verbose", false, "of another") // and none of the experiment
		if err := flags.Parse(append(test.args, "--verbose", "--resume", t.TempDir())); err != nil {
			t.Fatal(err)
		}
		switch err := o.Check(); {
		case test.says == "" && err != nil:
			t.Errorf("%q: %v", test.args, err)
		case test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says)):
			t.Errorf("%q: %v; want %q", test.args, err, test.says)
		}
	}
}
