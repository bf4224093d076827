package summary

import (
	"slices"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
)

// What was checked is said with its count, a check that was not made is called that, and a
// run that counted nothing claims nothing.
func TestChecksAreSaidByTheirCount(t *testing.T) {
	for _, c := range []struct {
		facts map[string]int64
		want  []string // beginnings
	}{
		{nil, nil},
		{map[string]int64{"authentication_asked": 12, "authentication_refused": 11},
			[]string{"client authentication: 11 refusals of 12 asked"}},
		{map[string]int64{"authentication_asked": 12, "authentication_refused": 0},
			[]string{"client authentication: 0 refusals of 12 asked"}},
		{map[string]int64{"authentication_asked": 0}, []string{"client authentication: not checked"}},
		{map[string]int64{"issued_jwts": 800, "issued_jwts_verified": 800},
			[]string{"issued JWTs: signatures of 800 of 800 verified"}},
		{map[string]int64{"issued_jwts": 800, "issued_jwts_verified": 0},
			[]string{"issued JWTs: signatures not checked"}},
		{map[string]int64{"issued_tokens": 800, "issued_tokens_introspected": 20},
			[]string{"issued tokens: 20 of 800 introspected"}},
	} {
		s := &Summary{Run: &bench.Run{Trials: []bench.Trial{{Slot: bench.Slot{Role: bench.Candidate}, Facts: c.facts}}}}
		if got := Checked(s); !slices.EqualFunc(got, c.want, strings.HasPrefix) {
			t.Errorf("%v: %q; want %q", c.facts, got, c.want)
		}
	}
}
