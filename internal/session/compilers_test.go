package session

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/experiment"
)

// Trials wait for the compilers of both versions, a while at most, and not at all where
// there are none.
func TestAwaitCompilers(t *testing.T) {
	for _, c := range []struct {
		what    string
		busy    time.Duration // how long the compilers take a core
		known   bool
		waits   time.Duration
		noticed bool
	}{
		{"no compilers", 0, false, 0, false},
		{"compilers at rest", 0, true, time.Second, false},
		{"some seconds of work", 5 * time.Second, true, 6 * time.Second, false},
		{"no end of it", time.Hour, true, compilersMost, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			began, w := time.Now(), &watched{}
			spent := func() bench.Spending {
				return bench.Spending{Compilers: bench.Usage{Known: c.known, CPU: min(time.Since(began), c.busy)}}
			}
			idle := func() bench.Spending { return bench.Spending{} }
			s := &servers{observer: w, sides: map[bench.Role]experiment.Side{
				bench.Baseline: {Spent: idle}, bench.Candidate: {Spent: spent},
			}}
			s.awaitCompilers(t.Context())
			if took := time.Since(began); took != c.waits {
				t.Errorf("%s: waited %v; want %v", c.what, took, c.waits)
			}
			if noticed := strings.Contains(strings.Join(s.notes, "\n"), "compiler"); noticed != c.noticed {
				t.Errorf("%s: notes %q", c.what, s.notes)
			}
		})
	}
}
