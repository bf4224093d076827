package plancheck

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/oauthbench/oauthbench/internal/plan"
)

func planOf(t *testing.T, command string, given map[string][]string) plan.Plan {
	t.Helper()
	p := plan.Default(command)
	for _, k := range plan.For(command) {
		if values, ok := given[k.Name]; ok {
			if err := p.Set(k, values); err != nil {
				t.Fatal(err)
			}
		}
	}
	return p
}

// What would be done is said in figures where the rates are given, and every key has a value
// and its place.
func TestCheck(t *testing.T) {
	t.Setenv("OAUTHBENCH_CLIENT_ID", "")
	for _, c := range []struct {
		command string
		given   map[string][]string
		want    []string
	}{
		{plan.Compare, map[string][]string{"rate": {"100/s"}, "scenario": {"token"}, "budget": {"2m"}},
			[]string{"oauthbench compare", "baseline embedded:v1", "token 100/s, poisson arrivals", "gates on P95",
				"at most 2m0s", "requests to each version", "started nothing", "clients 1 default",
				"rate 100/s plan.yaml:1", "budget 2m0s plan.yaml:1", "profile quick default", "not set: mix, isolate"}},
		{plan.Compare, nil, []string{"a pilot has found the rates", "at most 1m50s", "budget 1m50s default",
			"at most 8 fresh starts of each version, 1 trial of each per start"}},
		{plan.Compare, map[string][]string{"candidate": {"embedded:v2", "embedded:v2?tokens=jwt"}},
			[]string{"for each of 2 candidates", "candidate embedded:v2, embedded:v2?tokens=jwt plan.yaml:1"}},
		{plan.Run, map[string][]string{"target": {"https://issuer.example"}},
			[]string{"needs OAUTHBENCH_CLIENT_ID, which is not set", "one trial of 30s",
				"runs already, and is loaded"}},
		{plan.Capacity, map[string][]string{"slo": {"p99 < 50ms"}, "soak": {"5m"}, "budget": {"10m"}},
			[]string{"searches of each version for the highest rate that keeps p99 < 50ms: 1", "a trial of 5m0s",
				"at most 10m0s"}},
		{plan.Capacity, map[string][]string{"slo": {"p99 < 50ms"}, "replicas": {"1,2"}},
			[]string{"a cell with replicas=1", "a cell with replicas=2", "replicas 1,2 plan.yaml:1",
				"budget what the cells take default"}},
		{plan.Selftest, nil, []string{"oauthbench selftest", "at most 1m30s"}},
	} {
		from := map[string]string{}
		for key := range c.given {
			from[key] = "/home/somebody/deployments/of/production/plan.yaml:1"
		}
		check, err := Of(c.command, "plan.yaml", planOf(t, c.command, c.given), from)
		if err != nil {
			t.Errorf("%s %v: %v", c.command, c.given, err)
			continue
		}
		var text bytes.Buffer
		if err := check.WriteText(&text); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(text.String()) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
				t.Errorf("%s: %d columns: %s", c.command, n, line)
			}
		}
		if !strings.HasSuffix(text.String(), "  nothing\n") {
			t.Errorf("%s: it does not end with what was started:\n%s", c.command, text.String())
		}
		got := strings.Join(strings.Fields(text.String()), " ")
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s %v: no %q in\n%s", c.command, c.given, want, text.String())
			}
		}
		want := len(plan.For(c.command))
		if c.command == plan.Capacity {
			want -= 2 // One target is no baseline and no candidate.
		}
		if data, err := json.Marshal(check); err != nil || len(check.Settings) != want {
			t.Errorf("%s: %d settings as %s, %v; want %d", c.command, len(check.Settings), data, err, want)
		}
	}
}

// What the command would refuse at once, check refuses.
func TestCheckRefuses(t *testing.T) {
	for _, c := range []struct {
		command string
		given   map[string][]string
		want    string
	}{
		{plan.Compare, map[string][]string{"baseline": {"hydrant:v1"}},
			`unknown server "hydrant": did you mean hydra?`},
		{plan.Compare, map[string][]string{"rate": {"0.001/s"}}, "P95 needs a budget of"},
		{plan.Capacity, nil, "capacity needs a limit"},
		{plan.Run, map[string][]string{"target": {"embedded:v2?token=jwt"}}, "did you mean tokens?"},
		{plan.Run, map[string][]string{"target": {"external:nowhere"}}, `no external block "nowhere"`},
		{plan.Run, map[string][]string{"target": {"hydra:v1.11.10"}, "scenario": {"exchange"}}, "exchange"},
	} {
		_, err := Of(c.command, "", planOf(t, c.command, c.given), nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %v: %v; want %q", c.command, c.given, err, c.want)
		}
	}
}
