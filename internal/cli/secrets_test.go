package cli

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Whatever a command does with a target that has a secret, neither its words nor its files have it.
func TestSecretsOfTargetsAreNeitherShownNorStored(t *testing.T) {
	const secret = "open-sesame-7"
	// There is no such image: what would start a server says why it cannot.
	const target = "hydra:v2.99.0?env.SECRETS_COOKIE=" + secret
	t.Parallel()
	dir := t.TempDir()
	for _, args := range [][]string{
		{"plan", "check", "--candidate", target},
		{"plan", "check", "--candidate", target, "--format", "json"},
		{"plan", "check", "--candidate", target + "&nonsense=1"},
		{"plan", "check", "--candidate", target, "--candidate", target},
		{"plan", "init", "--candidate", target, "--write", "drafted.yaml"},
		{"run", "--offline", "--target", target},
		{"run", "--offline", "--target", target, "--target", target + "&pool=5"},
		{"run", "--offline", "--target", "nowhere" + target},
		{"run", "--offline", "--target", target, "--scenario", "device", "--dataset", "grants=5"},
		{"compare", "--offline", "--baseline", target, "--candidate", target + "&pool=5", "--candidate",
			target + "&pool=6"},
		{"capacity", "--offline", "--target", target, "--slo", "p99 < 50ms"},
		{"capacity", "--offline", "--target", target, "--slo", "p99 < 50ms", "--vary", "pool=5,10"},
		{"capacity", "--offline", "--target", "hydra:v2.99.0", "--slo", "p99 < 50ms", "--vary",
			"env.SECRETS_COOKIE=" + secret + ",x"},
		{"capacity", "--offline", "--slo", "p99 < 50ms", "--vary", "target=" + target + ",embedded:v2"},
		{"rehearse", "--offline", "--from", target, "--to", "hydra:v26.99.0", "--plan-only"},
		{"rehearse", "--offline", "--from", target, "--to", "hydra:v26.99.0"},
		{"rehearse", "--offline", "--from", target, "--to", "keycloak:26.7.3"},
		{"matrix", "--offline", "--from", target, "--to", "hydra:v26.99.0"},
		{"doctor", target},
		{"scenarios", "--target", target},
	} {
		code, stdout, stderr := oauthbench(t, dir, args...)
		if words := stdout + stderr; strings.Contains(words, secret) {
			t.Errorf("%q: exit %d, and said\n%s", args, code, words)
		}
	}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			if strings.Contains(path, "sesame") {
				t.Errorf("a folder is called %s", path)
			}
			return err
		}
		text, err := os.ReadFile(path)
		if strings.Contains(string(text)+path, secret) {
			t.Errorf("%s has the secret", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
