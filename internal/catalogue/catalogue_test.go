package catalogue

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/containers"
	"github.com/oauthbench/oauthbench/internal/targets"
	"github.com/oauthbench/oauthbench/scenarios"
)

// Every setting of every kind begins a line of its own, and examples are quoted for a shell.
func TestTargetsAreATable(t *testing.T) {
	var out bytes.Buffer
	all := AllTargets()
	if err := all.WriteText(&out); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, k := range targets.Kinds() {
		if len(k.Settings) == 0 {
			t.Errorf("%s has no settings", k.Name)
		}
		for _, s := range k.Settings {
			seen++
			if !strings.Contains(out.String(), "\n    "+s.Key+" ") {
				t.Errorf("%s: no line begins with %s", k.Name, s.Key)
			}
		}
		for _, e := range k.Examples {
			if !strings.Contains(out.String(), "'"+e+"'") {
				t.Errorf("%s: %s is not quoted", k.Name, e)
			}
		}
	}
	if lines := strings.Count(out.String(), "\n    "); lines < seen {
		t.Errorf("%d settings in %d lines", seen, lines)
	}
}

// JSON of every list is what was listed.
func TestListsAsJSON(t *testing.T) {
	no := false
	lists := map[string]any{
		`"name":"hydra"`: AllTargets(), `"name":"token"`: AllScenarios(),
		`"fits":false,"why":"x"`: Scenarios{
			Scenarios: []Scenario{{Name: "a", Fits: &no, Why: "x"}}},
		`"verdict":"` + string(containers.Failed) + `"`: Checks{{Name: "engine", Verdict: containers.Failed}},
		`[]`: AllBaselines(nil),
		`"measured":"2026-01-02T03:04:05Z","target":"it:v1","trials":1`: AllBaselines(
			[]*bench.StoredBaseline{{Name: "v1", Role: bench.Candidate, Header: bench.Header{
				Started:     time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
				Deployments: map[bench.Role]bench.Deployment{bench.Candidate: {Name: "it:v1"}}},
				Trials: make([]bench.StoredTrial, 1), Merged: []bench.Measurement{{Operation: "token"}}}}),
	}
	for want, list := range lists {
		text, err := json.Marshal(list)
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s, %v; want %s", text, err, want)
		}
	}
}

// What fits a server, and what does not, is every workload.
func TestFittingHasEveryScenario(t *testing.T) {
	all := Fitting(nil, scenarios.Defaults())
	if len(all.Scenarios) != len(scenarios.All) {
		t.Errorf("%d scenarios; want %d", len(all.Scenarios), len(scenarios.All))
	}
	for _, s := range all.Scenarios {
		if s.Fits == nil || *s.Fits != (s.Why == "") {
			t.Errorf("%s: fits %v, because %q", s.Name, s.Fits, s.Why)
		}
	}
}
