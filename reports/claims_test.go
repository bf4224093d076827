package reports

import (
	"bytes"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/sizing"
	"github.com/oauthbench/oauthbench/bench/sizing/stored"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/reports/internal/fixture"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

// alone are single runs, as many as there are limits that each kept.
func alone(limits ...bool) summary.Releases {
	var runs []summary.Release
	for i, limited := range limits {
		r := fixture.Situations()["single"]
		r.Verdict = verdict.Verdict{Decision: verdict.Measured}
		if limited {
			r.Verdict = verdict.Verdict{Decision: verdict.Pass, SLOs: make([]verdict.SLOResult, 1)}
		}
		runs = append(runs, summary.Release{Dir: string(rune('a' + i)), Report: r})
	}
	return summary.NewReleases(runs, nil, nil)
}

// searched is the report on a whole search, changed before it is read.
func searched(t *testing.T, change func(*bench.Run)) *Document {
	t.Helper()
	run := searchedRun(t, map[bench.Role]float64{bench.Candidate: 100})
	change(run)
	d, err := OfCapacity(run)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// cut leaves so many trials of a search that was interrupted.
func cut(n int) func(*bench.Run) {
	return func(run *bench.Run) {
		run.Trials, run.End = run.Trials[:min(n, len(run.Trials))], &bench.End{Stopped: []string{"cut"}}
	}
}

func checkedFact(name string, n int64) func(*bench.Run) {
	return func(run *bench.Run) { run.Trials[0].Facts = map[string]int64{name: n} }
}

// sized is a size that rests on so many loads, with one operation and an idle server to find.
func sized(loads int) *Document {
	cost := sizing.Costs{PerRequest: map[string]float64{"token": .001}, Condition: 2, Residual: .01, Loads: loads}
	return Size{
		Evidence: stored.Evidence{Costs: []stored.Cost{{Resource: stored.ServerCPU, Costs: cost}}, Loads: loads},
		Demand:   sizing.Demand{Peak: map[string]float64{"token": 100}}, Mean: 1,
	}.Document()
}

func tested(change func(*Selftest)) *Document {
	s := usualSelftest()
	change(&s)
	return s.Document()
}

// What a report on a search, a size, releases or a selftest claims to have checked it says with the count,
// and where that is nothing it says so, in the text and on the page.
func TestNothingCheckedIsSaidOfAllKinds(t *testing.T) {
	compared := summary.Release{Dir: "z", Report: fixture.UsualReport()}
	compared.Verdict.Decision = verdict.Pass
	mixed := alone(false)
	mixed = summary.NewReleases(append([]summary.Release{compared}, mixed.Runs...), nil, nil)
	for name, c := range map[string]struct {
		of           *Document
		says, unsaid string
	}{
		"releases, none compared": {ofReleases(alone(false, false, false)), "there are no ratios",
			"ratios are against the baseline"},
		"releases, no interval":   {ofReleases(alone(false, false)), "P95, response time", "[90 % interval]"},
		"releases, some compared": {ofReleases(mixed), "1 of 2 runs compared response times", "corrected for"},
		"releases, not compared":  {ofReleases(mixed), "measured alone, and runs of different times differ", "PASS: 2"},
		"releases, limits alone":  {ofReleases(alone(true, true)), "MEASURED: 2 releases", "PASS: 2"},
		"a search, no request":    {searched(t, cut(0)), "whether answers are wrong was not checked", "none was wrong"},
		"a search, no arrival":    {searched(t, cut(1)), "not checked", "none of"},
		"a search, no control":    {searched(t, cut(1)), "comes back from overloads: not checked", "was back in"},
		"a search, few controls": {searched(t, cut(6)), "becomes slower under the search: not checked",
			"control trials were compared"},
		"a search, no authentication": {searched(t, checkedFact("authentication_asked", 0)),
			"client authentication: not checked", "refusals of"},
		"a search, authentication": {searched(t, checkedFact("authentication_asked", 7)), "0 refusals of 7 asked",
			"client authentication: not checked"},
		"a size, as many loads as costs": {sized(2), "how well they fit was not checked", "residual"},
		"a size, more loads":             {sized(3), "from 3 loads, condition number 2.00, residual", "not checked"},
		"a selftest, nobody watched": {tested(func(s *Selftest) { s.Watched = 0 }), "others not checked",
			"other programs used 2"},
		"a selftest, no trial": {tested(func(s *Selftest) { s.SendLag = 0 }), "send lag not checked", "P99 0"},
	} {
		var text, html bytes.Buffer
		if err := c.of.WriteText(&text, false); err != nil {
			t.Fatal(err)
		}
		said := strings.Join(strings.Fields(text.String()), " ")
		if !strings.Contains(said, c.says) {
			t.Errorf("%s: %q is not said in\n%s", name, c.says, text.String())
		}
		if strings.Contains(said, c.unsaid) {
			t.Errorf("%s: %q is said in\n%s", name, c.unsaid, text.String())
		}
		if c.of.page == nil {
			continue
		}
		if err := c.of.page(&html); err != nil {
			t.Fatal(err)
		}
		if words := strings.Join(strings.Fields(html.String()), " "); strings.Contains(words, c.unsaid) {
			t.Errorf("%s: %q is said on the page", name, c.unsaid)
		}
	}
}
