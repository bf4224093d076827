package targets

import "testing"

// Of a log the last line that tells of a fault is the cause; requests that were taken back
// are none, and a full disk counts before what follows from it.
func TestEmbeddedCauses(t *testing.T) {
	const (
		full     = `time=2026-11-30T10:00:00Z level=ERROR msg="token" error="database or disk is full (13)"`
		other    = `time=2026-11-30T10:00:01Z level=ERROR msg="token" error="no such table"`
		canceled = `time=2026-11-30T10:00:02Z level=ERROR msg="client" error="register client: context canceled"`
	)
	for name, c := range map[string]struct{ log, want string }{
		"nothing": {"", ""},
		"our own": {canceled + "\n", ""},
		"a fault": {other + "\n" + canceled + "\n",
			`the last line of the server's log is "level=ERROR msg=\"token\" error=\"no such table\""`},
		"the disk": {full + "\n" + other + "\n" + canceled + "\n",
			`the server's disk is full; the last line of its log is "level=ERROR msg=\"token\" error=\"database or ` +
				`disk is full (13)\""`},
	} {
		got := ""
		if causes := embeddedCauses(c.log); len(causes) > 0 {
			got = causes[0].String()
		}
		if got != c.want {
			t.Errorf("%s: %q; want %q", name, got, c.want)
		}
	}
}
