package reports

import (
	"bytes"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/reports/internal/fixture"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

// documents are one of each kind.
func documents() map[string]*Document {
	return map[string]*Document{
		"run":      OfRun(fixture.UsualReport()),
		"releases": ofReleases(fixture.UsualReleases()),
		"apart":    usualApart().Document(),
		"selftest": usualSelftest().Document(),
		"history":  usualHistory().Document(),
		"baseline": OfBaseline(usualHistory().Releases[0]),
	}
}

// Every format writes every kind of document, and says the operations that it is of.
func TestEveryFormatWritesEveryDocument(t *testing.T) {
	for kind, d := range documents() {
		if len(d.Values()) == 0 {
			t.Errorf("%s has no figures", kind)
		}
		for _, f := range Formats {
			for _, one := range f.filesOf(d) {
				var b bytes.Buffer
				if err := one.write(&b); err != nil {
					t.Errorf("%s as %s: %v", kind, f.Name, err)
				}
				if b.Len() == 0 || f.Single() && f.Name != "hlog" && f.Name != "junit" &&
					// It has no times of operations.
					(f.Name != "action-benchmark" && f.Name != "gobench" || kind != "selftest") &&
					!strings.Contains(strings.ToLower(b.String()), "token") {
					t.Errorf("%s as %s: %d bytes, nothing of its operation", kind, one.name, b.Len())
				}
			}
		}
	}
}

// A statistic is one entry of summary.Statistics: then every format with figures of
// operations shows it.
func TestAStatisticIsInEveryFormat(t *testing.T) {
	before := summary.Statistics
	defer func() { summary.Statistics = before }()
	summary.Statistics = append(before[:len(before):len(before)], summary.Statistic{
		Name: "slowest send", Column: "slowest_send_ns", Unit: "ns",
		Of:    func(m bench.Measurement) float64 { return 4321 },
		Words: func(float64) string { return "4.32 µs" },
	})
	for name, want := range map[string]string{"text": "4.32 µs", "markdown": "4.32 µs", "html": "4.32 µs",
		"json": "4321", "csv": "4321"} {
		if got := string(write(t, name, fixture.UsualReport())); !strings.Contains(got, want) {
			t.Errorf("%s does not show it", name)
		}
	}
}

// What did not fail the run fails no test of the suite: a cost that decides nothing is no failure.
func TestPassedRunHasNoFailedCase(t *testing.T) {
	r := fixture.UsualReport()
	r.Verdict = verdict.Verdict{Decision: verdict.Pass, Reasons: []string{"all gates passed"},
		Costs: []verdict.Comparison{{Operation: "server CPU per request", Sentinel: true, Units: 6,
			Decision: verdict.Regression, Reasons: []string{"dearer"}}}}
	if suite := string(write(t, "junit", r)); !strings.Contains(suite, `failures="0"`) {
		t.Errorf("a run that passed has failures:\n%s", suite)
	}
}
