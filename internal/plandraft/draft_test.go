package plandraft

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/internal/plan"
)

// A plan that was drafted is read as the plan that it was made of.
func TestDraftIsReadAgain(t *testing.T) {
	for _, c := range []struct {
		command string
		given   map[string][]string
	}{
		{plan.Compare, nil},
		{plan.Compare, map[string][]string{
			"candidate": {"embedded:v2?tokens=jwt", "embedded:v1"}, "rate": {"50/s", "token=20/s"},
			"slo": {"token p99 < 100ms"}, "margin": {"10%", "token p99 20%"}, "isolate": {"true"}, "seed": {"7"},
			"scope": {"a: b # c"}, "probe-authentication": {"false"}, "audience": {"true"}, "max-workers": {"12"},
		}},
		{plan.Run, map[string][]string{"target": {"https://issuer.example?scope=api"}, "duration": {"1m"},
			"mix": {"introspect=80,token=20"}}},
		{plan.Capacity, map[string][]string{"target": {"embedded:v1"}, "slo": {"p99 < 50ms"},
			"scenario": {"token,revoke"}}},
		{plan.Capacity, map[string][]string{"slo": {"p99 < 50ms"}, "replicas": {"1,2,4"}}},
		{plan.Capacity, map[string][]string{"slo": {"p99 < 50ms"}, "replicas": {"3"},
			"vary": {"cpus=1,2", "pool=5,20"}}},
	} {
		p := plan.Default(c.command)
		p.Seed = 7
		d := Draft{Command: c.command}
		for _, k := range plan.For(c.command) {
			if values, ok := c.given[k.Name]; ok {
				if err := p.Set(k, values); err != nil {
					t.Fatal(err)
				}
				d.Given = append(d.Given, k.Name)
			}
		}
		d.Plan = p
		d.Notes = []string{"does not fit: x (a server's words\n# evil: true)"}
		var text bytes.Buffer
		if err := d.Write(&text); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "plan.yaml")
		if err := os.WriteFile(file, text.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		again := plan.Default(c.command)
		again.Seed = 7
		if err := again.Read(c.command, file); err != nil {
			t.Fatalf("%s\n%v", text.String(), err)
		}
		if string(again.JSON()) != string(p.JSON()) || strings.Join(again.More, " ") != strings.Join(p.More, " ") {
			t.Errorf("%s\nis read as\n%s\nwant\n%s", text.String(), again.JSON(), p.JSON())
		}
		for _, k := range plan.For(c.command) {
			if k.Name != "extend" && !strings.Contains(text.String(), k.Name+":") {
				t.Errorf("%s is not named", k.Name)
			}
		}
	}
}

// Scenarios that a server cannot run are left out, and it is said why.
func TestProbe(t *testing.T) {
	p := plan.Default(plan.Run)
	p.Candidate, p.Scenarios = "hydra:v1.11.10", []string{"token", "exchange"}
	d := Draft{Command: plan.Run, Plan: p}
	if err := d.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(d.Plan.Scenarios, " "); got != "token" {
		t.Errorf("scenarios %s; want token alone", got)
	}
	if notes := strings.Join(d.Notes, "\n"); !strings.Contains(notes, "fits: token, ") ||
		!strings.Contains(notes, "does not fit: exchange (hydra:v1.11.10: ") {
		t.Errorf("notes\n%s", notes)
	}
}
