// Package version says which oauthbench this is: by what a release's build sets, else by
// what `git archive` wrote into a source archive, else by what Go recorded in the program.
package version

import (
	_ "embed"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// These are set by a release's build (-ldflags "-X …"), and empty in all others.
var (
	release string // version, as v1.2.3
	commit  string // full hash
	date    string // of the commit, RFC 3339
)

// archived is replaced by `git archive`: commit, its date and its nearest tag, a line
// each. In a checkout it holds the unreplaced placeholders.
//
//go:embed archived.txt
var archived string

// Info is what identifies a build. Every field but Go and Platform may be unknown.
type Info struct {
	Version  string `json:"version"`            // as v1.2.3, or devel
	Commit   string `json:"commit,omitempty"`   // full hash of the source's commit
	Date     string `json:"date,omitempty"`     // of that commit, RFC 3339
	Modified bool   `json:"modified,omitempty"` // the source differed from the commit
	Go       string `json:"go"`                 // version of Go that built it
	Platform string `json:"platform"`           // system and processor, as linux/amd64
}

// Read returns what is known of this build.
func Read() Info {
	info := Info{Version: release, Commit: commit, Date: date}
	if info.Version == "" {
		info = fromArchive(archived)
	}
	if info.Version == "" {
		build, _ := debug.ReadBuildInfo()
		info = fromBuild(build)
	}
	info.Go, info.Platform = runtime.Version(), runtime.GOOS+"/"+runtime.GOARCH
	return info
}

// fromArchive is the identity of a source archive, empty for a checkout.
func fromArchive(text string) Info {
	lines := append(strings.Split(strings.TrimSpace(text), "\n"), "", "")
	if strings.Contains(text, "$Format") || lines[0] == "" {
		return Info{}
	}
	info := Info{Version: lines[2], Commit: lines[0], Date: lines[1]}
	if info.Version == "" {
		info.Version = "devel"
	}
	return info
}

// fromBuild is what Go recorded: the module's version when it was installed as one, the
// commit when it was built in a checkout.
func fromBuild(build *debug.BuildInfo) Info {
	info := Info{Version: "devel"}
	if build == nil {
		return info
	}
	if v := strings.Trim(build.Main.Version, "()"); v != "" {
		info.Version = v
	}
	for _, s := range build.Settings {
		switch s.Key {
		case "vcs.revision":
			info.Commit = s.Value
		case "vcs.time":
			if at, err := time.Parse(time.RFC3339, s.Value); err == nil {
				info.Date = at.Format(time.RFC3339)
			}
		case "vcs.modified":
			info.Modified = s.Value == "true"
		}
	}
	return info
}

// WriteText writes the program with its version.
func (i Info) WriteText(w io.Writer) error {
	_, err := fmt.Fprintln(w, "oauthbench", i)
	return err
}

// String is version and commit in one line, as a run's header has them.
func (i Info) String() string {
	text := i.Version
	if short := i.Commit[:min(12, len(i.Commit))]; short != "" && !strings.Contains(text, short) {
		text += " " + short
	}
	if i.Modified && !strings.Contains(text, "dirty") {
		text += " (modified)"
	}
	return text
}
