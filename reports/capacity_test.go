package reports

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/capacity"
	"github.com/oauthbench/oauthbench/bench/capacity/searches"
	"github.com/oauthbench/oauthbench/bench/verdict"
)

// searchedRun is a whole search on one server or two, whose P99 is 20 ms without load and
// reaches 50 ms at its capacity; 0 never fails.
func searchedRun(t *testing.T, capacities map[bench.Role]float64) *bench.Run {
	t.Helper()
	slo, err := verdict.ParseSLO("token p99 < 50ms")
	if err != nil {
		t.Fatal(err)
	}
	rule := searches.Rule{
		Limits: []verdict.SLO{slo}, Sides: map[bench.Role]searches.Side{}, Searches: 1, Rarest: 1, Requests: 1000,
	}
	run := &bench.Run{
		Header: bench.Header{Schema: bench.RunSchema, Tool: "test", Deployments: map[bench.Role]bench.Deployment{},
			Seed: 1},
		End: &bench.End{},
	}
	if len(capacities) == 2 {
		rule.Margin = 0.05
	}
	for role, carries := range capacities {
		rule.Sides[role] = searches.NewSide(carries*1.1, true)
		run.Deployments[role] = bench.Deployment{Name: "server of the " + string(role), Version: "1"}
	}
	rule.Soak = time.Minute
	for role, carries := range capacities {
		log := searches.NewLog(rule, role, 0, capacity.Result{})
		epoch := 0
		for {
			o, more, err := log.Next()
			if err != nil {
				t.Fatal(err)
			}
			if !more {
				break
			}
			if o.Fresh {
				epoch++
			}
			trial := searchTrial(o, carries/0.6)
			trial.Slot = bench.Slot{Role: role, Epoch: epoch, Pair: len(run.Trials)}
			run.Trials = append(run.Trials, trial)
			if err := log.Take(len(run.Trials)-1, &trial); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := rule.Store(&run.Header); err != nil {
		t.Fatal(err)
	}
	return run
}

// searchTrial is a trial of a server whose queue grows without end at a rate.
func searchTrial(o searches.Order, most float64) bench.Trial {
	trial := bench.Trial{
		Load: bench.Load{Process: "poisson", Streams: []bench.Stream{{Scenario: "token", Rate: o.Rate}},
			Length: o.Length},
		Offered: o.Rate, Achieved: o.Rate, Elapsed: o.Length, Started: time.Unix(1_700_000_000, 0),
		Server: bench.Usage{CPU: time.Duration(o.Rate / most * float64(o.Length)), PeakRSS: 50 << 20, Known: true},
		Search: &bench.SearchStep{Phase: o.Phase, Rate: o.Rate, Fresh: o.Fresh},
	}
	trial.Sent = int64(o.Rate * o.Length.Seconds())
	trial.Planned = trial.Sent
	p99 := 10 * time.Second
	if o.Rate < most {
		p99 = time.Duration(20 * float64(time.Millisecond) / (1 - o.Rate/most))
	}
	m := bench.NewMeasurement("token")
	m.Offered, m.Achieved = o.Rate, o.Rate
	for i := range 200 {
		u := min(float64(i+1)/200, 0.9975)
		m.Response.Record(time.Duration(float64(p99) * math.Log(1-u) / math.Log(0.01)))
	}
	m.Service, m.Outcomes.OK = m.Response, 200
	trial.Measurements = []bench.Measurement{*m}
	return trial
}

// Every format tells of the certified rate, and no line is too wide.
func TestSearchIsWrittenInEveryFormat(t *testing.T) {
	t.Parallel()
	for name, capacities := range map[string]map[bench.Role]float64{
		"alone":    {bench.Candidate: 400},
		"compared": {bench.Baseline: 400, bench.Candidate: 200},
	} {
		run := searchedRun(t, capacities)
		d, err := OfCapacity(run)
		if err != nil {
			t.Fatal(err)
		}
		found, err := searches.Of(run)
		if err != nil {
			t.Fatal(err)
		}
		side := found.Sides[len(found.Sides)-1]
		if carries := capacities[bench.Candidate]; side.Rate > carries || side.Rate < 0.92*carries {
			t.Fatalf("%s: certified %v/s; want about %v/s", name, side.Rate, carries)
		}
		want := verdict.Measured
		if len(capacities) == 2 {
			want = verdict.Regression
		}
		if d.Decision != want {
			t.Errorf("%s: %s %q; want %s", name, d.Decision, d.Reasons, want)
		}
		for _, f := range Formats {
			if !f.Single() || f.trials {
				continue
			}
			var b bytes.Buffer
			if err := f.Write(&b, d); err != nil {
				t.Errorf("%s as %s: %v", name, f.Name, err)
			}
			whole, rounded := strconv.Itoa(int(side.Rate)), strconv.Itoa(int(math.Round(side.Rate)))
			// One is of what is better when it is smaller, and capacity is not.
			if f.Name != "junit" && f.Name != "action-benchmark" && !strings.Contains(b.String(), whole) &&
				!strings.Contains(b.String(), rounded) {
				t.Errorf("%s as %s does not tell of %v/s", name, f.Name, side.Rate)
			}
			if f.Name != "text" {
				continue
			}
			for line := range strings.Lines(b.String()) {
				if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > textWidth {
					t.Errorf("%s: a line of %d columns: %s", name, n, line)
				}
			}
			for _, words := range []string{"token broke first", "soak", "held 1m0s"} {
				if !strings.Contains(b.String(), words) {
					t.Errorf("%s: the text does not have %q:\n%s", name, words, b.String())
				}
			}
		}
		dir := t.TempDir()
		if err := d.WriteAll(dir); err != nil {
			t.Error(err)
		}
		html, err := os.ReadFile(filepath.Join(dir, "report.html"))
		if err != nil || !strings.Contains(string(html), `<figure id="capacity"`) {
			t.Errorf("%s: the page has no curve, %v", name, err)
		}
	}
}

// The answer about a search fits a terminal of 80 columns and 24 lines, with room for the line that
// names the report, and begins with what is carried.
func TestAnswerOfASearchFitsATerminal(t *testing.T) {
	t.Parallel()
	for name, capacities := range map[string]map[bench.Role]float64{
		"alone":    {bench.Candidate: 400},
		"compared": {bench.Baseline: 400, bench.Candidate: 200},
	} {
		run := searchedRun(t, capacities)
		for role, d := range run.Deployments {
			d.Name += strings.Repeat(" with a long name", 3)
			run.Deployments[role] = d
		}
		d, err := OfCapacity(run)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := d.WriteAnswer(&b, false, 80); err != nil {
			t.Fatal(err)
		}
		fitsTerminal(t, name, b.String())
		next := map[string]string{"alone": "what to do: see how many instances a peak needs",
			"compared": "what to do: "}[name]
		for _, words := range []string{"carries", "limit", "failed at", next} {
			if !strings.Contains(b.String(), words) {
				t.Errorf("%s: no %q in\n%s", name, words, b.String())
			}
		}
	}
}

// fitsTerminal fails the test when an answer needs more than 80 columns or 22 lines.
func fitsTerminal(t *testing.T, name, answer string) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(answer, "\n"), "\n")
	if len(lines) > 22 {
		t.Errorf("%s: %d lines:\n%s", name, len(lines), answer)
	}
	for _, line := range lines {
		if n := utf8.RuneCountInString(line); n > 80 {
			t.Errorf("%s: a line of %d columns: %s", name, n, line)
		}
	}
	t.Logf("%s:\n%s", name, answer)
}

// While a search goes on, its page tells what the limit lies between and which rates were tried; at its
// end what is carried.
func TestSearchIsShownWhileItNarrows(t *testing.T) {
	t.Parallel()
	run := searchedRun(t, map[bench.Role]float64{bench.Candidate: 400})
	end, all := run.End, run.Trials
	run.End = nil
	for cut := range len(all) {
		run.Trials = all[:cut]
		var live Live
		data, err := live.Charts(run)
		if err != nil {
			t.Fatalf("after %d trials: %v", cut, err)
		}
		words := string(data)
		failed := false
		for _, trial := range run.Trials {
			failed = failed || trial.Search.Rate > 402
		}
		if cut > 0 && !strings.Contains(words, `"failed"`) || strings.Contains(words, "held 1m0s") ||
			failed && strings.Contains(words, "nothing failed yet") {
			t.Errorf("after %d trials: %s", cut, words)
		}
	}
	run.Trials, run.End = all, end
	var live Live
	data, err := live.Charts(run)
	if err != nil || !strings.Contains(string(data), "carries 395/s") {
		t.Errorf("at the end: %s, %v", data, err)
	}
}

// A search that other programs ended names no processor as the limit, however busy the machine was.
func TestDisturbedSearchNamesNoLimit(t *testing.T) {
	t.Parallel()
	run := searchedRun(t, map[bench.Role]float64{bench.Candidate: 400})
	run.Trials = run.Trials[:3] // a control trial and two that held
	for i := range run.Trials {
		run.Trials[i].Excluded = []string{"other programs used more than 10 % of the machine"}
		run.Trials[i].Machine = bench.Interference{Known: true, Cores: 2, Busy: 0.98, Foreign: 0.6}
	}
	run.End = &bench.End{Stopped: []string{"5 trials in a row were disturbed"}}
	d, err := OfCapacity(run)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := d.WriteText(&b, false); err != nil {
		t.Fatal(err)
	}
	if d.Decision != verdict.Inconclusive || strings.Contains(b.String(), "CPU was the limit") {
		t.Errorf("%s:\n%s", d.Decision, b.String())
	}
}

// The pictures of a search are what it found: nothing must be opened to see them.
func TestSearchPageShowsItsPictures(t *testing.T) {
	d, err := OfCapacity(searchedRun(t, map[bench.Role]float64{bench.Candidate: 400}))
	if err != nil {
		t.Fatal(err)
	}
	var page bytes.Buffer
	if err := d.page(&page); err != nil {
		t.Fatal(err)
	}
	shown, _, _ := strings.Cut(page.String(), "<details")
	if n := strings.Count(shown, "<figure "); n == 0 || n != strings.Count(page.String(), "<figure ") {
		t.Errorf("%d of %d pictures are in sight", n, strings.Count(page.String(), "<figure "))
	}
}

// A rate that held is certified for no program that reads the report until the search has come to its end.
func TestUnfinishedSearchCertifiesNothing(t *testing.T) {
	t.Parallel()
	run := searchedRun(t, map[bench.Role]float64{bench.Candidate: 400})
	whole := *run
	run.Trials, run.End = run.Trials[:4], &bench.End{Stopped: []string{"the time is used up"}}
	for _, c := range []struct {
		run *bench.Run
		has string
	}{{run, `"certified_rate": 0,`}, {&whole, `"certified_rate": 39`}} {
		d, err := OfCapacity(c.run)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := Named("json").Write(&b, d); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), c.has) {
			t.Errorf("want %s in:\n%s", c.has, b.String())
		}
		unfinished := c.run == run
		if strings.Contains(b.String(), `"held_rate": `) != unfinished {
			t.Errorf("held_rate, unfinished: %v:\n%s", unfinished, b.String())
		}
		if slices.ContainsFunc(d.values(), func(v Value) bool { return v.Statistic == "capacity" }) == unfinished {
			t.Errorf("figures, unfinished: %v: %+v", unfinished, d.values())
		}
	}
}
