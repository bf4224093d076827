package session

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/host"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/internal/targets"
)

// SameMachine tells why trials of this machine would be no trials of a stored run: they would be
// of another machine. It asks no server.
func SameMachine(then bench.Header) error { return sameServers(then, then.Deployments) }

// sameServers tells why trials of what was started here would be no trials of a stored run: the
// servers are others, or so is the machine.
func sameServers(then bench.Header, started map[bench.Role]bench.Deployment) error {
	now := then
	now.Deployments, now.Environment = started, host.ThisEnvironment()
	now.Environment.GOMAXPROCS = then.Environment.GOMAXPROCS // The generator sets it for each trial.
	for _, role := range slices.Sorted(maps.Keys(then.Deployments)) {
		was, is := then.Deployments[role], started[role]
		if was.Version != is.Version || was.Digest != is.Digest {
			return fmt.Errorf("the %s was %s, and is %s now", role, versionOf(was), versionOf(is))
		}
		before, err := targets.Fingerprint(then, role)
		if err != nil {
			return err
		}
		after, err := targets.Fingerprint(now, role)
		if err != nil {
			return err
		}
		for i := range after {
			after[i].Value = plaintext.Secrets.String(after[i].Value) // as it was stored
		}
		var words []string
		for _, d := range targets.Differences(before, after) {
			words = append(words, d.String())
		}
		if len(words) > 0 {
			return fmt.Errorf("not the same as in the stored run: %s", strings.Join(words, ", "))
		}
	}
	return nil
}

// versionOf is a version with the image that it was.
func versionOf(d bench.Deployment) string {
	if d.Digest == "" {
		return d.Version
	}
	return d.Version + " (" + d.Digest + ")"
}
