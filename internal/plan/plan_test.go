package plan

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/scenarios"
)

func parsed(t *testing.T, command, text string) (Plan, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plan.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p := Default(command)
	err := p.Read(command, path)
	if err != nil {
		err = &pathless{strings.ReplaceAll(err.Error(), path, "plan.yaml")}
	}
	return p, err
}

type pathless struct{ text string }

func (e *pathless) Error() string { return e.text }

func TestPlanFile(t *testing.T) {
	got, err := parsed(t, Compare, `
baseline: embedded:v1
candidate: embedded:v2?tokens=jwt
scenario: [introspect, token]
rate:
  introspect: 600/m
  token: auto
process: constant
profile: ci
budget: 25m
timeout: 3s
transport: std
margin: [10%, p99 20%, token p95 30%]
least-margin: 20us
slo:
  - token p99 < 100ms
seed: 7
out: somewhere
`)
	if err != nil {
		t.Fatal(err)
	}
	slo, err := verdict.ParseSLO("token p99 < 100ms")
	if err != nil {
		t.Fatal(err)
	}
	want := Plan{
		Baseline: "embedded:v1", Candidate: "embedded:v2?tokens=jwt", Scenarios: []string{"introspect", "token"},
		Parameters: scenarios.Defaults(),
		Rates:      map[string]Rate{"": {Auto: true}, "introspect": {PerSecond: 10}, "token": {Auto: true}},
		Process:    "constant", Profile: "ci", Budget: 25 * time.Minute, Timeout: 3 * time.Second, Transport: bench.Std,
		Margins: []verdict.Margin{{Fraction: 0.1}, {Quantile: 0.99, Fraction: 0.2},
			{Operation: "token", Quantile: 0.95, Fraction: 0.3}},
		LeastMargin: 20 * time.Microsecond, MostErrors: verdict.DefaultMostErrors,
		SLOs: []verdict.SLO{slo}, Seed: 7, Out: "somewhere",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("plan\n%+v; want\n%+v", got, want)
	}
}

// Every fault names the file, the line and the value, and says what is right.
func TestPlanFileFaults(t *testing.T) {
	for text, want := range map[string]string{
		"":                                      "plan.yaml:1: the plan is empty",
		"- a":                                   "plan.yaml:1: want keys and values",
		"rate: 50/s\nrat: 5/s":                  `plan.yaml:2: unknown key "rat": did you mean rate?`,
		"fanciful: 5":                           ` more (docs/plan.md has all)`,
		"duration: 5s":                          `duration is a key of run, capacity, not of compare`,
		"seed: 1\nseed: 2":                      "plan.yaml:2:",
		"seed: -1":                              `plan.yaml:1: seed: seed "-1"`,
		"seed: 99999999999999999":               "2^53",
		"\n\nrate: 0/s":                         `plan.yaml:3: rate: rate "0/s": want more than 0`,
		"rate: -5/s":                            `rate "-5/s": want more than 0`,
		"rate: 1e-12/s":                         `rate "1e-12/s": want at least 1/h`,
		"rate: 0.9/h":                           `rate "0.9/h": want at least 1/h`,
		"prepare-rate: 1e-12":                   `"1e-12": want a number from 0.1 to 1000000, or 0`,
		"rate: 5":                               `rate "5" has no unit`,
		"rate: 5/d":                             `unknown unit "d"`,
		"rate: x/s":                             `"x" is not a number`,
		"rate: NaN/s":                           `"NaN" is not a number`,
		"rate: {token: 1/s, x: [2]}":            "want a plain value",
		"scenario: tokn":                        `unknown scenario "tokn"`,
		"scenario: []":                          "scenario is empty",
		"process: bursty":                       `unknown arrival process "bursty"`,
		"profile: slow":                         `unknown profile "slow": there are quick, ci, thorough`,
		"transport: quic":                       `unknown transport "quic": there are sync, std`,
		"timeout: 5":                            `"5" is not a duration`,
		"timeout: 1ns":                          `"1ns": want 100ms to 10m0s`,
		"margin: 0%":                            `margin "0%": want 0.1% to 1000%`,
		"margin: 1e-9%":                         `margin "1e-9%": want 0.1% to 1000%`,
		"margin: 10":                            `margin "10" has no unit`,
		"margin: x%":                            `"x" is not a number`,
		"margin: token p99 p95 3%":              "margin",
		"margin: cpu p95 3%":                    "a cost has no percentiles",
		"margin: cpu 3ms":                       "a cost takes no time",
		"margin: token -2ms":                    "more than 0 and at most 1m",
		"gate: token":                           `"token"`,
		"margin: token often 3%":                `"often" is not a percentile`,
		"slo: token p99 100ms":                  "slo",
		"baseline: [a, b]":                      "baseline takes one value, not 2",
		"isolate: perhaps":                      "isolate",
		"slo:\n  - token p99 < 1ms\n  - {a: b}": "line 3: want a plain value",
		"a: b: c":                               "plan.yaml:1",
		"seed: 1\n---\nrate: 1/s":               "plan.yaml:2: a plan is one document",
		"rate:\n  token: 1/s\n  token: 2/s":     `plan.yaml:3: key "token" is given twice`,
		"external:\n  a: {scope: x}\n  a: {}":   `plan.yaml:3: key "a" is given twice`,
		"external: {a: &b {scope: x}, c: *b}":   "plan.yaml:1: anchors such as &b are not understood",
		"rate: *b":                              "plan.yaml:1",
		"rate: {<<: {token: 1/s}}":              "plan.yaml:1: merge keys (<<) are not understood",
		"mix: usual\nscenario: token":           "plan.yaml",
		"isolate: true\nmix: token=1,revoke=2":  "plan.yaml:2: mix and isolate cannot be given together",
	} {
		if _, err := parsed(t, Compare, text); err == nil || !strings.Contains(err.Error(), want) ||
			!strings.HasPrefix(err.Error(), "plan.yaml:") {
			t.Errorf("plan %q: error %v; want one with %q", text, err, want)
		}
	}
}

func FuzzPlanFile(f *testing.F) {
	f.Add("rate: 50/s\nmargin: [10%]\nslo: token p99 < 100ms\n")
	f.Add("? [a]\n: &b [*b]")
	f.Fuzz(func(t *testing.T, text string) {
		p := Default(Compare)
		if p.parse(Compare, "plan.yaml", []byte(text)) == nil {
			p.JSON()
		}
	})
}

func TestChecksAcrossKeys(t *testing.T) {
	p := Default(Compare)
	p.Scenarios = []string{"token"}
	p.Rates["introspect"] = Rate{PerSecond: 1}
	if err := p.Check(); err == nil || !strings.Contains(err.Error(), `"introspect"`) {
		t.Errorf("a rate for a scenario that is not run: %v", err)
	}
	p = Default(Compare)
	p.Scenarios, p.Isolate = []string{"token"}, true
	if p.Check() == nil {
		t.Error("a single scenario was isolated")
	}
}

// What is stored with a run says the same as the plan, and the flags in its record
// make the same plan again.
func TestPlanSurvivesItsRecords(t *testing.T) {
	for _, command := range both {
		p := Default(command)
		texts := map[string][]string{"rate": {"7.5/s", "token=auto"},
			"slo": {"token p99 < 100ms", "revoke invalid = 0"}, "seed": {"9007199254740991"}, "timeout": {"2s"},
			"transport": {"std"}}
		if command == Compare {
			texts["margin"] = []string{"7%", "token p99.9 12.5%", "cpu 3%", "statements 2.5%", "token p95 +1.5ms",
				"revoke +2ms"}
			texts["gate"] = []string{"cpu", "statements"}
			texts["isolate"] = []string{"true"}
			texts["budget"] = []string{"90s"}
			texts["cpus"] = []string{"1.5", "database=2"}
			texts["memory"] = []string{"server=512m"}
			texts["registry"] = []string{"mirror.example/hub"}
			texts["offline"] = []string{"true"}
		}
		for _, k := range For(command) {
			if values, ok := texts[k.Name]; ok {
				if err := p.Set(k, values); err != nil {
					t.Fatal(err)
				}
			}
		}
		var back Plan
		if err := json.Unmarshal(p.JSON(), &back); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(back, p) {
			t.Errorf("%s: read back %+v; want %+v", command, back, p)
		}
		again := Default(command)
		flags := p.Flags(command)
		values := map[string][]string{}
		for i := 0; i < len(flags); i++ {
			name := strings.TrimPrefix(flags[i], "--")
			if name == "isolate" || name == "offline" {
				values[name] = []string{"true"}
				continue
			}
			i++
			values[name] = append(values[name], flags[i])
		}
		for _, k := range For(command) {
			if v, ok := values[k.Name]; ok {
				if err := again.Set(k, v); err != nil {
					t.Fatalf("%s: %v", k.Name, err)
				}
			}
		}
		if !reflect.DeepEqual(again, p) {
			t.Errorf("%s: flags %q make %+v; want %+v", command, flags, again, p)
		}
	}
}

func load(rates ...float64) []bench.Load {
	var l bench.Load
	for _, r := range rates {
		l.Streams = append(l.Streams, bench.Stream{Scenario: "x", Rate: r})
	}
	return []bench.Load{l}
}

// A trial records what its highest gating quantile needs, and all trials fit.
func TestFitKeepsFloorsAndBudget(t *testing.T) {
	for _, p := range Profiles {
		for _, rate := range []float64{5, 20, 100, 1000} {
			size, err := p.Fit(load(rate, 2*rate), 100*time.Microsecond, time.Second, 10*time.Second)
			if err != nil {
				if rate > 20 || rate > 5 && p.Name != "quick" || p.Name == "thorough" {
					t.Errorf("%s at %v/s: %v", p.Name, rate, err)
				}
				continue
			}
			recorded := rate * (size.Length - p.LeadIn).Seconds()
			for _, f := range p.Rule.Floors {
				for _, q := range size.Quantiles {
					if f.Quantile == q && recorded < float64(f.Requests) {
						t.Errorf("%s at %v/s: %v records %.0f requests; %s needs %d", p.Name, rate, size.Length,
							recorded, verdict.Percentile(q), f.Requests)
					}
				}
			}
			if size.Expected > p.Budget-10*time.Second {
				t.Errorf("%s at %v/s: takes %v after 10 s were spent; the budget is %v", p.Name, rate, size.Expected,
					p.Budget)
			}
			if len(size.Quantiles)+len(size.Missing) != len(p.Rule.Floors) {
				t.Errorf("%s at %v/s: quantiles %v, missing %v", p.Name, rate, size.Quantiles, size.Missing)
			}
		}
	}
}

func TestFitSaysWhatABudgetIsMissing(t *testing.T) {
	quick := Profiles[0]
	if _, err := quick.Fit(load(0.1), 0, 0, 0); err == nil || !strings.Contains(err.Error(), "P95 needs a budget of") {
		t.Errorf("a hopeless rate: %v", err)
	}
	size, err := quick.Fit(load(8), 0, 0, 0)
	if err == nil || len(size.Missing) != 1 {
		t.Fatalf("%+v, %v; want P95 missing", size, err)
	}
	if median, ok := quick.OnlyMedian(); !ok {
		t.Error("quick cannot do with P50 alone")
	} else if less, err := median.Fit(load(8), 0, 0, 0); err != nil ||
		!reflect.DeepEqual(less.Quantiles, []float64{0.5}) {
		t.Errorf("%+v, %v; want P50 alone", less, err)
	}
	quick.Budget = size.Missing[0].Budget + time.Second
	if size, err = quick.Fit(load(8), 0, 0, 0); err != nil || len(size.Missing) != 0 {
		t.Errorf("with the budget that was asked for: %+v, %v; want P95 too", size, err)
	}
}

// Whatever gates, a candidate that is slower in one operation only can be convicted.
func TestGatesCanConvict(t *testing.T) {
	names := []string{"token", "introspect", "revoke"}
	for _, p := range Profiles {
		for n := 1; n <= len(names); n++ {
			size, err := p.Fit(load(500), 0, 0, 0)
			if err != nil {
				t.Fatal(err)
			}
			gates := p.Gates(names[:n], size.Quantiles)
			last := p.Rule.Looks[len(p.Rule.Looks)-1]
			if need := verdict.UnitsToConvict(len(gates), p.Rule.Alpha); need > last {
				t.Errorf("%s: %d operations, %d gates need %d units; the profile has %d", p.Name, n, len(gates), need,
					last)
			}
			if top := (verdict.Gate{Operation: "token",
				Quantile: size.Quantiles[len(size.Quantiles)-1]}); !slices.Contains(gates, top) {
				t.Errorf("%s: %d operations: %v is not among the gates %v", p.Name, n, top, gates)
			}
		}
	}
}

// A baseline from a single run is compared as strictly as a comparison is by default.
func TestComparedHasTheDefaultsOfAComparison(t *testing.T) {
	want := Default(Compare)
	if got := Default(Run).Compared(); got.Profile != want.Profile || got.LeastMargin != want.LeastMargin {
		t.Errorf("a run: profile %q, least margin %v; want %q and %v", got.Profile, got.LeastMargin, want.Profile,
			want.LeastMargin)
	}
	want.LeastMargin = 0 // as somebody asked
	if got := want.Compared(); !reflect.DeepEqual(got, want) {
		t.Errorf("a comparison: %+v; want it as it was", got)
	}
}

// A limit or a margin of what is not measured would never be looked at.
func TestLimitsAreOfWhatIsMeasured(t *testing.T) {
	for key, value := range map[string]string{"slo": "http_req_duration p95 < 200ms", "margin": "refresh p99 20%"} {
		p := Default(Compare)
		i := slices.IndexFunc(Keys, func(k Key) bool { return k.Name == key })
		if err := p.Set(Keys[i], []string{value}); err != nil {
			t.Fatal(err)
		}
		operation, _, _ := strings.Cut(value, " ")
		want := key + " for \"" + operation +
			"\", which is not among the operations of this run: token, introspect, revoke"
		if err := p.Check(); err == nil || err.Error() != want {
			t.Errorf("%s %q: error %v; want %s", key, value, err, want)
		}
	}
}

func TestLargePlanFileIsRefused(t *testing.T) {
	if _, err := parsed(t, Compare, "seed: 1\n#"+strings.Repeat("x", mostPlanBytes)); err == nil ||
		!strings.Contains(err.Error(), "larger than") {
		t.Errorf("a plan above 1 MiB: error %v", err)
	}
}

// A slow server gets fewer epochs, never trials that are too short, and its looks are the
// first of the profile's.
func TestSlowServersGetFewerEpochs(t *testing.T) {
	ci := Profiles[1]
	last := 0
	for _, rate := range []float64{10, 12, 20, 60, 200} {
		size, err := ci.Fit(load(rate), 0, time.Second, 30*time.Second)
		if err != nil {
			continue
		}
		epochs, looks := size.Profile.Epochs, size.Profile.Rule.Looks
		if epochs < last || epochs != looks[len(looks)-1] || !slices.Equal(looks, ci.Rule.Looks[:len(looks)]) {
			t.Errorf("at %v/s: %d epochs with looks %v; before %d", rate, epochs, looks, last)
		}
		if recorded := rate * (size.Length - ci.LeadIn).Seconds(); recorded < 100 {
			t.Errorf("at %v/s: a trial records %.0f requests; P95 needs 100", rate, recorded)
		}
		last = epochs
	}
	if last != 15 {
		t.Errorf("a quick server gets %d epochs; want all 15", last)
	}
}

// No request could miss a limit that lies at or above the timeout.
func TestLimitAboveTheTimeoutIsRefused(t *testing.T) {
	p := Default(Run)
	p.Timeout = 500 * time.Millisecond
	for limit, refused := range map[string]bool{"token p95 < 1s": true, "token p95 <= 500ms": true,
		"token p95 < 400ms": false, "token invalid = 0": false} {
		slo, err := verdict.ParseSLO(limit)
		if err != nil {
			t.Fatal(err)
		}
		p.SLOs = []verdict.SLO{slo}
		if err := p.Check(); (err != nil) != refused {
			t.Errorf("%s with a timeout of %v: error %v", limit, p.Timeout, err)
		}
	}
}

// parse applies the text of a plan file.
func (p *Plan) parse(command, path string, data []byte) error {
	f, err := parseFile(path, data)
	if err != nil {
		return err
	}
	return p.Apply(command, f)
}

// What contradicts itself in a search for capacity is refused before anything starts.
func TestCapacityRefusesContradictions(t *testing.T) {
	limit := func(p *Plan) {
		if err := setSLOs(p, []string{"p99 < 50ms"}); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		name   string
		change func(*Plan)
		want   string // "" for a plan that is right
	}{
		{"one target", limit, ""},
		{"no limit", func(*Plan) {}, "needs a limit"},
		{"a margin of one target", func(p *Plan) { limit(p); p.Margins = []verdict.Margin{{Fraction: .05}} },
			"give a baseline"},
		{"a margin of two", func(p *Plan) {
			limit(p)
			p.Baseline, p.Margins = "embedded:v1", []verdict.Margin{{Fraction: .05}}
		}, ""},
		{"a soak without room", func(p *Plan) { limit(p); p.Soak, p.Budget = time.Hour, time.Hour }, "no room"},
		{"two candidates", func(p *Plan) { limit(p); p.Baseline, p.More = "a", []string{"b"} }, "one candidate"},
	} {
		p := Default(Capacity)
		test.change(&p)
		err := p.CheckCapacity()
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v; want %q", test.name, err, test.want)
		}
	}
	for slo, want := range map[string]string{
		"token p99 > 50ms":       "limits from above",
		"token achieved < 99%":   "limits from above",
		"token error_ratio < 0%": "no server keeps it",
		"token rejected < 0":     "no server keeps it",
		"token achieved > 100%":  "no server achieves more",
		"token error_ratio <= 0": "",
		"token invalid = 0":      "",
		"token achieved >= 100%": "",
		"token max < 1s":         "",
	} {
		p := Default(Capacity)
		if err := setSLOs(&p, []string{slo}); err != nil {
			t.Fatal(err)
		}
		if err := p.CheckCapacity(); (err == nil) != (want == "") || err != nil &&
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %q", slo, err, want)
		}
	}
	for _, given := range [][]string{{"target", "baseline"}, {"candidate", "target"}} {
		if one, other := Contradiction(given); one == "" || other == "" {
			t.Errorf("%v are accepted together", given)
		}
	}
}

// A plan is stored, and its command told, without the secrets of its targets, and gets them back by the
// same targets alone.
func TestSecretsOfTargetsAreNotStored(t *testing.T) {
	const baseline, candidate = "hydra:v1.11.10?env.API_KEY=open-sesame", "hydra:v2.3.0?env.API_KEY=open-sesame"
	for _, command := range Commands {
		p := Default(command)
		p.Candidate = candidate
		if command == Compare {
			p.Baseline = baseline
		}
		told := strings.Join(p.Flags(command), " ") + string(p.JSON())
		if strings.Contains(told, "sesame") || !strings.Contains(told, "hydra:v2.3.0?env.API_KEY=***") {
			t.Errorf("%s: %s", command, told)
		}
		var stored Plan
		if err := json.Unmarshal(p.JSON(), &stored); err != nil {
			t.Fatal(err)
		}
		if err := RestoreSecrets(&stored, command, Plan{}); err == nil ||
			!strings.Contains(err.Error(), "is stored nowhere") {
			t.Errorf("%s: without the secrets %v", command, err)
		}
		if err := RestoreSecrets(&stored, command, p); err != nil || !reflect.DeepEqual(stored, p) {
			t.Errorf("%s: %v, it is %+v; want %+v", command, err, stored, p)
		}
	}
}
