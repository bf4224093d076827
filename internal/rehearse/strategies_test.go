package rehearse

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/scenarios/upgrade"
)

// everyWay are the reports of one upgrade by every strategy.
func everyWay() Beside {
	begun := time.Unix(1000, 0)
	b := Beside{Out: "out"}
	for i, s := range upgrade.Strategies() {
		first := map[upgrade.Strategy]string{upgrade.BlueGreen: upgrade.CopyStep, upgrade.InPlace: migrateOwn,
			upgrade.StopTheWorld: upgrade.StopStep, upgrade.Rolling: migrateOwn}[s]
		r := Report{From: "hydra:v1.11.10", To: "hydra:v2.3.0", Result: upgrade.Result{Strategy: s,
			Steps: []upgrade.Step{{Name: "make sessions", Began: begun, Took: time.Hour},
				{Name: first, Began: begun.Add(time.Hour), Took: time.Minute},
				{Name: upgrade.SwitchStep, Began: begun.Add(time.Hour + 2*time.Minute),
					Took: time.Duration(i) * time.Minute}},
			Traffic: &upgrade.Traffic{Sent: 300, Failed: 2 * i, Late: 1, Wrong: 7 * i,
				Outage: time.Duration(30*i) * time.Second},
			Lines: []upgrade.Line{
				{Asked: upgrade.AfterSwitch, Kind: upgrade.AccessToken, Made: upgrade.BeforeCopy, Expect: upgrade.Live,
					Of: 40, Wrong: i},
				{Asked: upgrade.AfterSwitch, Kind: upgrade.RefreshToken, Made: upgrade.BeforeCopy, Expect: upgrade.Dead,
					Of: 9},
				{Asked: upgrade.AfterSwitch, Kind: "a secret", Made: upgrade.BeforeCopy, Expect: upgrade.Live, Of: 5,
					Wrong: 5},
			}}}
		if i > 0 {
			r.Findings = []upgrade.Finding{{Name: upgrade.FoundLost, Of: 40, Wrong: i}}
		}
		r.Options.Out = filepath.Join(b.Out, string(s))
		b.Strategies = append(b.Strategies, r)
	}
	return b
}

// They stand in one table, on a page and for a terminal of 80 columns, and one that is good is
// enough.
func TestStrategiesStandBesideEachOther(t *testing.T) {
	b := everyWay()
	var text, page bytes.Buffer
	if err := b.Write(&text, Text); err != nil {
		t.Fatal(err)
	}
	if err := b.page(&page); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"PASS", "blue-green alone", "stop-the-world", "5 of 300", "14 of 300", "2 of 40",
		"0 of 9", "rolling", "21 of 300",
		"2m0s", "4m0s", "1m0s"} {
		if !strings.Contains(text.String(), want) || !strings.Contains(page.String(), want) {
			t.Errorf("not both say %q:\n%s", want, text.String())
		}
	}
	for line := range strings.Lines(text.String()) {
		if len([]rune(line)) > 81 {
			t.Errorf("a line of %d columns: %s", len(line), line)
		}
	}
	if !b.Good() {
		t.Error("one is good, and all of them are not")
	}
	b.Strategies = b.Strategies[1:]
	if word, _ := b.verdict(); b.Good() || word != failed {
		t.Error("none is good, and the others are")
	}
}

// What only one strategy has is not asked of the others, and each has a directory of its own.
func TestEveryStrategyIsAskedForWhatItHas(t *testing.T) {
	o := Options{From: "reference:v1", To: "reference:v2", Strategy: upgrade.BlueGreen, Every: true, Twins: 1, Rate: 1,
		Canary: upgrade.Shares{0.5}, Copy: ByFiles, MigrationCPUs: 1, Out: filepath.Join(t.TempDir(), "out")}
	if err := o.Check(); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, one := range alone(o) {
		if err := one.Check(); err != nil {
			t.Errorf("%s: %v", one.Strategy, err)
		}
		seen[one.Out] = true
	}
	if len(seen) != len(upgrade.Strategies()) {
		t.Errorf("directories %v; want one for each", seen)
	}
	o.From, o.To = "embedded:v1", "embedded:v2"
	if err := o.Check(); err == nil {
		t.Error("embedded servers have one strategy, and all were taken")
	}
}

// Instances that serve beside each other get the settings that they need for that, which the report
// says; a target that is told otherwise is refused.
func TestRollingSetsWhatInstancesNeed(t *testing.T) {
	o := Options{From: "keycloak:26.4.7", To: "keycloak:26.7.3", Strategy: upgrade.Rolling, Twins: 1, Offline: true}
	w, err := newWorld(o)
	if err != nil {
		t.Fatal(err)
	}
	if from, to := w.names(); from != "keycloak:26.4.7?cache=ispn" || to != "keycloak:26.7.3?cache=ispn" {
		t.Errorf("%s and %s; want both in a cluster", from, to)
	}
	steps, err := w.steps(&Report{})
	if err != nil || steps.Twin == nil || steps.Together == nil || steps.InPlace != nil {
		t.Errorf("%+v, %v; want what two versions heed of each other, with its control", steps, err)
	}
	o.To = "keycloak:26.7.3?cache=local"
	if _, err := newWorld(o); err == nil || !strings.Contains(err.Error(), "cache=ispn") {
		t.Errorf("%v; want that a cache of one instance is refused", err)
	}
	o.Strategy = upgrade.BlueGreen
	w, err = newWorld(o)
	if err != nil {
		t.Fatal(err)
	}
	if from, _ := w.names(); from != "keycloak:26.4.7" {
		t.Errorf("%s; want the target as it was written", from)
	}
}
