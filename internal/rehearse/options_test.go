package rehearse

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oauthbench/scenarios/upgrade"
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
