package schema

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	yaml "go.yaml.in/yaml/v4"

	"github.com/oauthbench/oauthbench/internal/plan"
)

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(JSON()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("plan.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("plan.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// valid tells whether the schema takes the text of a plan.
func valid(t *testing.T, s *jsonschema.Schema, text string) error {
	t.Helper()
	var value any
	if err := yaml.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return s.Validate(value)
}

// The schema takes every example, and the plan that docs/plan.md begins with.
func TestExamplesAreValid(t *testing.T) {
	s := compiled(t)
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "examples", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := valid(t, s, string(text)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "plan.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(page), "```yaml\n")[1:]
	if len(blocks) == 0 {
		t.Fatal("docs/plan.md shows no plan")
	}
	for _, block := range blocks {
		text, _, _ := strings.Cut(block, "```")
		if err := valid(t, s, text); err != nil {
			t.Errorf("a plan of docs/plan.md:\n%s\n%v", text, err)
		}
	}
}

// What the program takes of each key, the schema takes: as a value, and as a list where the
// key may be repeated.
func TestWhatThePlanTakesIsValid(t *testing.T) {
	s := compiled(t)
	for _, text := range []string{
		"rate: 50/s", "rate: auto", "rate: [50/s, token=3000/m]", "rate: {token: 20/s, introspect: auto}",
		"scenario: token", "scenario: token, revoke", "scenario: [token, revoke]", "scenario: mixed",
		"mix: resource-server", "mix: introspect=80,token=20", "mix: {introspect: 80, token: 20}", "isolate: true",
		"margin: 10%", "margin: [10%, p99 15%, token p99 20%, introspect p95 +2ms, cpu 10%]", "margin: auto",
		"most-errors: off", "most-errors: 2.5%", "slo: token p99 < 100ms", "slo: [revoke invalid = 0, p99<50ms]",
		"states: {active: 70, revoked: 30}", "states: active=70,revoked=30", "timeout: 1m30s", "least-margin: 50us",
		"cpus: 1.5", "cpus: server=1.5", "cpus: [server=1.5, database=1]", "cpuset: 0-3,5", "cpuset: server=2-3",
		"memory: 512m", "memory: {server: 512m, database: 1g}", "seed: 7", "max-workers: 16", "prepare-rate: 0",
		"refresh-share: 0.25", "probe-authentication: false", "gate: [cpu, statements]", "clients: 1000",
		"candidate: [embedded:v1, 'embedded:v2?tokens=jwt']", "baseline: https://issuer.example?scope=api",
		"target: external:production\nexternal: {production: {issuer: https://issuer.example}}",
		"dataset: clients=1000,tokens=1e6,revoked=5%", "client-auth: private_key_jwt:ES256", "generator-cpus: 0",
		"replicas: [1, 2, 4]", "replicas: 1,2", "vary: 'cpus=1,2'", "vary: ['cpus=1,2', 'pool=5,20']",
		"vary: {cpus: [1, 2], target: ['embedded:v1', 'embedded:v2']}",
	} {
		taken := false
		for _, command := range []string{plan.Compare, plan.Run, plan.Capacity} {
			file := filepath.Join(t.TempDir(), "plan.yaml")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			p := plan.Default(command)
			taken = taken || p.Read(command, file) == nil
		}
		if !taken {
			t.Errorf("%s: no command takes it", text)
		}
		if err := valid(t, s, text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// What is wrong in a plan is shown in an editor.
func TestBadPlansAreInvalid(t *testing.T) {
	s := compiled(t)
	for _, text := range []string{
		"sed: 7",                                // misspelt
		"rate: 50",                              // no unit
		"rate: 50/day",                          // no such unit
		"profile: slow",                         // no such profile
		"scenario: tokn",                        // no such scenario
		"scenario: [token, tokn]",               // in a list
		"timeout: soon",                         // no duration
		"timeout: 10",                           // a number without a unit
		"margin: 10",                            // no unit
		"isolate: maybe",                        // neither true nor false
		"cpus: many",                            // no number
		"memory: 512",                           // no unit
		"mix: {introspect: [1]}",                // a list for a weight
		"slo: token p99",                        // no limit
		"mix: resource-server\nscenario: token", // exclude each other
		"target: embedded:v2\nbaseline: hydra:v1", // of different commands, but for a search
		"duration: 30s\nprofile: ci",              // of different commands
		"external: {a: {isuer: https://x}}",       // misspelt
		"external: {a: https://issuer.example}",   // no settings
		"client-auth: basic",                      // no such method
		"baseline: embedded",                      // names no version
		"- rate: 50/s",                            // a list
		"{}",                                      // empty
		"seed: -1",                                // below 0
		"extend: results/one\nprofile: ci",        // the stored run has its own
		"generator-cpus: all",                     // no number
		"rate: []",                                // none
		"probe-authentication: sometimes",         // neither true nor false
		"candidate: {embedded: v2}",               // a map for a target
		"process: [poisson]",                      // a list for one value
	} {
		if valid(t, s, text) == nil {
			t.Errorf("%s: the schema takes it", text)
		}
	}
}
