package rehearse

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/scenarios/upgrade"
)

// A file of rows is read whole or refused: of one that was cut, tables would be missing in silence.
func TestCountsAreReadWhole(t *testing.T) {
	for text, want := range map[string]string{
		"access,1000\n": "", strings.Repeat("# nothing\n", mostCountsBytes/10) + "access,1000\n": "--project",
	} {
		file := filepath.Join(t.TempDir(), "rows.csv")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		o := Options{Counts: file}
		switch err := o.readCounts(); {
		case want == "" && (err != nil || o.Project["access"] != 1000):
			t.Errorf("%d bytes: %v, %v; want 1000 rows of access", len(text), o.Project, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%d bytes: %v; want an error about %s", len(text), err, want)
		}
	}
}

// A file that would keep the rehearsal waiting, or feed it without end, is refused, and the flag is
// named that it came from.
func TestFilesAreFiles(t *testing.T) {
	for flag, give := range map[string]func(*Options){
		"--project":        func(o *Options) { o.Counts = os.DevNull },
		"--before-copy":    func(o *Options) { o.Files.BeforeCopy = os.DevNull },
		"--before-migrate": func(o *Options) { o.Files.BeforeMigrate = os.DevNull },
		"--after-migrate":  func(o *Options) { o.Files.AfterMigrate = os.DevNull },
	} {
		o := Options{From: "reference:v1", To: "reference:v2", Strategy: upgrade.BlueGreen, Twins: 1}
		give(&o)
		err := o.Check()
		if err == nil || !strings.HasPrefix(err.Error(), flag+": ") ||
			!strings.Contains(err.Error(), "not a file") {
			t.Errorf("%s %s: %v; want an error that says what lies there", flag, os.DevNull, err)
		}
	}
}

// A directory that cannot be used is the user's to mend, and said in one line; none is made for it.
func TestBadDirectories(t *testing.T) {
	dir := t.TempDir()
	ended, killed, file := filepath.Join(dir, "ended"), filepath.Join(dir, "killed"), filepath.Join(dir, "file")
	early := filepath.Join(dir, "early")
	if err := errors.Join(os.Mkdir(ended, 0o700), os.WriteFile(reportFile(ended), nil, 0o600),
		os.MkdirAll(filepath.Join(killed, private), 0o700), os.MkdirAll(filepath.Join(early, private), 0o700),
		storeOptions(filepath.Join(killed, private), Options{}),
		os.WriteFile(file, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		o    Options
		says string
	}{
		{Options{Resume: filepath.Join(dir, "nope")}, "no such directory"},
		{Options{Resume: ended}, "has ended"},
		{Options{Resume: dir}, "no directory of a rehearsal that was killed"},
		{Options{Resume: early}, "no directory of a rehearsal that was killed"}, // before its options were written
		{Options{Resume: file}, "no directory of a rehearsal that was killed"},
		{Options{Out: ended}, "holds the report"},
		{Options{Out: killed}, "--resume"},
		{Options{Out: filepath.Join(file, "under")}, "not a directory"},
	} {
		if test.o.Resume != "" {
			test.o.Out = test.o.Resume
		}
		_, err := openDirectory(test.o)
		var bad *BadDirectory
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%+v: %v; want one line that says %q", test.o, err, test.says)
		}
	}
	if exists(filepath.Join(dir, "nope")) {
		t.Error("a directory was made for a rehearsal that there is not")
	}
}

// What only a blue-green upgrade has is refused for others, and what only known rows allow elsewhere.
func TestWaysNeedWhatTheyWorkOn(t *testing.T) {
	contained := Options{From: "hydra:v1.11.10", To: "hydra:v2.3.0", Strategy: upgrade.BlueGreen, Twins: 1}
	embedded := Options{From: "embedded:v1", To: "embedded:v2", Strategy: upgrade.BlueGreen, Twins: 1}
	for _, test := range []struct {
		what string
		o    Options
		set  func(*Options)
		good bool
	}{
		{"sql", contained, func(o *Options) { o.Replay = BySQL }, true},
		{"files", contained, func(o *Options) { o.Copy = ByFiles }, true},
		{"sql in place", contained, func(o *Options) { o.Replay, o.Strategy = BySQL, upgrade.InPlace }, false},
		{"files in place", contained, func(o *Options) { o.Copy, o.Strategy = ByFiles, upgrade.StopTheWorld }, false},
		{"sql of the reference server", contained, func(o *Options) {
			o.From, o.To, o.Replay = "reference:v1", "reference:v2", BySQL
		}, false},
		{"sql of embedded servers", embedded, func(o *Options) { o.Replay = BySQL }, false},
		{"files of embedded servers", embedded, func(o *Options) { o.Copy = ByFiles }, false},
		{"a rate below 0", embedded, func(o *Options) { o.ReplayRate = -1 }, false},
		{"next to no load", embedded, func(o *Options) { o.Rate = 1e-12 }, false},
		{"next to no replay", embedded, func(o *Options) { o.ReplayRate = 1e-12 }, false},
		{"no failed request", embedded, func(o *Options) { o.Errors = new(0.0) }, true},
		{"more failed than all", embedded, func(o *Options) { o.Errors = new(1.5) }, false},
		{"a hundredth of a processor", contained, func(o *Options) { o.MigrationCPUs = 0.01 }, false},
	} {
		test.set(&test.o)
		if err := test.o.Check(); (err == nil) != test.good {
			t.Errorf("%s: %v; want it good %t", test.what, err, test.good)
		}
	}
}

// A rehearsal that was killed with its report written is finished by resuming it: the report is given, and
// what would have resumed it is gone.
func TestResumeFinishesWhatHasEnded(t *testing.T) {
	out := t.TempDir()
	report := Report{From: "embedded:v1", To: "embedded:v2", Result: upgrade.Result{Captured: 7}}
	text, err := json.Marshal(report)
	if err := errors.Join(err, os.WriteFile(reportFile(out), text, 0o600)); err != nil {
		t.Fatal(err)
	}
	leaveKilled(t, out)
	got, err := Run(t.Context(), Options{Resume: out, Out: out})
	if err != nil || got.Captured != 7 || exists(filepath.Join(out, private)) || !exists(reportFile(out)) {
		t.Errorf("%+v, %v; want the report, and nothing else left", got, err)
	}
}

// What is a secret of a target is not stored with a rehearsal, and wanted once more to go on with it.
func TestSecretsOfTargetsAreNotStored(t *testing.T) {
	dir, o := t.TempDir(), killedOptions()
	o.From, o.To = "hydra:v1.11.10?env.SECRETS_COOKIE=open-sesame", "hydra:v2.3.0"
	if err := storeOptions(dir, o); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, optionsFile))
	if err != nil || strings.Contains(string(text), "sesame") || !strings.Contains(string(text), "***") {
		t.Errorf("stored %s, %v", text, err)
	}
	if _, err := readOptions(dir, Options{To: o.To}); err == nil ||
		!strings.Contains(err.Error(), "give that target again, with it, by --from") {
		t.Errorf("without the secret: %v", err)
	}
	again, err := readOptions(dir, Options{From: o.From})
	if err != nil || again.From != o.From || again.To != o.To || again.Twins != o.Twins {
		t.Errorf("the rehearsal goes on with %+v, %v; want %+v", again, err, o)
	}
}
