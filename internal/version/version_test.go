package version

import (
	"os/exec"
	"runtime/debug"
	"strings"
	"testing"
)

func TestCheckoutIsNoArchive(t *testing.T) {
	if got := fromArchive("$Format:%H$\n$Format:%cI$\n$Format:%(describe:tags)$\n"); got != (Info{}) {
		t.Errorf("fromArchive(placeholders) = %+v; want nothing", got)
	}
	if got := fromArchive(""); got != (Info{}) {
		t.Errorf("fromArchive(nothing) = %+v; want nothing", got)
	}
}

func TestArchiveTellsItsCommit(t *testing.T) {
	want := Info{Version: "v1.2.3", Commit: "0123456789abcdef", Date: "2026-11-30T01:02:03Z"}
	if got := fromArchive("0123456789abcdef\n2026-11-30T01:02:03Z\nv1.2.3\n"); got != want {
		t.Errorf("fromArchive = %+v; want %+v", got, want)
	}
	want.Version = "devel"
	if got := fromArchive("0123456789abcdef\n2026-11-30T01:02:03Z\n\n"); got != want {
		t.Errorf("fromArchive without a tag = %+v; want %+v", got, want)
	}
}

func TestBuildTellsItsCommit(t *testing.T) {
	build := &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}, Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "0123456789abcdef0123"}, {Key: "vcs.time", Value: "2026-11-30T01:02:03Z"},
		{Key: "vcs.modified", Value: "true"},
	}}
	want := Info{Version: "devel", Commit: "0123456789abcdef0123", Date: "2026-11-30T01:02:03Z", Modified: true}
	got := fromBuild(build)
	if got != want {
		t.Errorf("fromBuild = %+v; want %+v", got, want)
	}
	if got.String() != "devel 0123456789ab (modified)" {
		t.Errorf("String() = %q", got.String())
	}
	if got := fromBuild(nil); got.String() != "devel" {
		t.Errorf("fromBuild(nil) = %q; want devel", got)
	}
}

// A pseudo-version of Go's has the commit in it, which is not said twice.
func TestCommitIsSaidOnce(t *testing.T) {
	i := Info{Version: "v0.0.0-20261130010203-0123456789ab", Commit: "0123456789abcdef"}
	if i.String() != i.Version {
		t.Errorf("String() = %q; want %q", i.String(), i.Version)
	}
}

// What `git archive` writes is read as an archive's identity: the placeholders are those
// that git knows, and the file is one that it replaces.
func TestGitArchiveFillsThePlaceholders(t *testing.T) {
	head, err := exec.Command("git", "rev-parse", "HEAD").Output()
	if err != nil {
		t.Skip("no git checkout")
	}
	const file = "internal/version/archived.txt"
	text, err := exec.Command("sh", "-c", "cd ../.. && git archive HEAD "+file+" | tar -xO "+file).Output()
	if err != nil {
		t.Skip("archived.txt is not committed, or there is no tar")
	}
	got := fromArchive(string(text))
	if got.Commit != strings.TrimSpace(string(head)) || got.Date == "" {
		t.Errorf("fromArchive(%q) = %+v; want commit %s and its date", text, got, head)
	}
}
