package capacityrun

import (
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench/capacity/searches"
	"github.com/oauthbench/oauthbench/bench/verdict"
)

// A user whose rarest operation makes trials long is told which it is, and which limit would make them shorter.
func TestLongTrialsHaveAReason(t *testing.T) {
	t.Parallel()
	limits := func(texts ...string) (all []verdict.SLO) {
		for _, text := range texts {
			limit, err := verdict.ParseSLO(text)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, limit)
		}
		return all
	}
	load := []offered{{"token", 0.07}, {"introspect", 0.925}, {"revoke", 0.005}}
	all := limits("token p99 < 50ms", "introspect p99 < 50ms", "revoke p99 < 50ms")
	for _, c := range []struct {
		limits []verdict.SLO
		length time.Duration
		want   string
	}{
		{all, 3 * time.Minute, "for revoke, which 0.5 % of the requests are: limits of the others alone " +
			"(--slo 'token p99"},
		{all[:2], time.Minute, "for token, which 7 % of the requests are: limits of the others alone (--slo " +
			"'introspect"},
		{all, 6 * time.Second, ""},
		{all[:1], time.Minute, ""},
		{limits("token p95 < 50ms", "token p99 < 80ms"), time.Minute, ""},
	} {
		got := longFor(searches.Rule{Limits: c.limits}, load, c.length)
		if !strings.Contains(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%v, %v: %q; want %q", c.limits, c.length, got, c.want)
		}
	}
}
