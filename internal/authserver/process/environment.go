package process

import (
	"os"
	"slices"
	"strings"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
)

// inherited are the variables that a child gets of this process: what it needs to run.
// Everything else may be a secret, of this program or of the job that it runs in.
var inherited = []string{
	"PATH", "HOME", "TMPDIR", "TMP", "TEMP", "SystemRoot", "LANG", "TZ",
	"GODEBUG", "GOGC", "GOMAXPROCS", "GOMEMLIMIT", "GOTRACEBACK", "GOCOVERDIR",
}

// testPrefix begins variables by which tests make their own binary a server.
const testPrefix = "OAUTHBENCH_TEST_"

// environment is what a child with these settings gets of ours.
func environment(s settings.Settings) []string {
	var kept []string
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		database := name == settings.PostgresVariable && s.Database == settings.Postgres
		if database || slices.Contains(inherited, name) || strings.HasPrefix(name, "LC_") ||
			strings.HasPrefix(name, testPrefix) {
			kept = append(kept, pair)
		}
	}
	return kept
}
