package reports

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/reports/internal/fixture"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

func answerOf(t *testing.T, d *Document) string {
	t.Helper()
	var b bytes.Buffer
	if err := d.WriteAnswer(&b, false, 80); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The answer to a comparison fits a terminal, and says at what load and what limited it.
func TestAnswerIsWholeOnATerminal(t *testing.T) {
	for name, r := range fixture.Situations() {
		answer := answerOf(t, OfRun(r))
		if n := strings.Count(answer, "\n"); n > answerLines {
			t.Errorf("%s: %d lines", name, n)
		}
		for line := range strings.Lines(answer) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
				t.Errorf("%s: %d columns: %s", name, n, line)
			}
		}
		if !strings.Contains(answer, "\nload: 360/s offered (token 120/s, introspect 120/s, revoke 120/s)") {
			t.Errorf("%s: no load:\n%s", name, answer)
		}
	}
	answer := answerOf(t, OfRun(fixture.UsualReport()))
	if !strings.Contains(answer, "\nlimit: baseline none reached, candidate none reached\n") {
		t.Errorf("no limit:\n%s", answer)
	}
}

// A limit that was missed has its row, and is no reason in words beside it; what else is a reason is said.
func TestAMissedLimitIsARow(t *testing.T) {
	slo, err := verdict.ParseSLO("token p99 < 50ms")
	if err != nil {
		t.Fatal(err)
	}
	r := fixture.UsualReport()
	missed := verdict.SLOResult{SLO: slo, Side: verdict.Candidate, Value: 6e7}
	r.Verdict.SLOs = []verdict.SLOResult{missed}
	r.Verdict.Reasons = []string{"SLO " + missed.String() + " by the candidate", "SLO " + missed.String() + " so far"}
	answer := answerOf(t, OfRun(r))
	if strings.Contains(answer, "by the candidate") ||
		!strings.Contains(answer, "  - SLO "+missed.String()+" so far\n") ||
		!strings.Contains(answer, "\n✗ "+missed.String()+" (candidate)\n") {
		t.Errorf("the limit has no row, or two:\n%s", answer)
	}
}

// What is left out of the answer is said to have passed only where it has.
func TestAnswerLeavesOutTruly(t *testing.T) {
	for decision, want := range map[verdict.Decision]string{
		verdict.Pass:       "and %d more that passed\n",
		verdict.Regression: "and %d more\n",
	} {
		r := fixture.Large()
		gates := 0
		for i := range r.Verdict.Comparisons {
			r.Verdict.Comparisons[i].Decision, r.Verdict.Comparisons[i].Gating = decision, true
			gates++
		}
		r.Verdict.Decision = decision
		answer := answerOf(t, OfRun(r))
		shown := strings.Count(answer, "\n✓ operation") + strings.Count(answer, "\n✗ operation")
		if shown == 0 || !strings.Contains(answer, fmt.Sprintf(want, gates-shown)) {
			t.Errorf("%s: want %q in:\n%s", decision, want, answer)
		}
	}
}

// Colours take no columns: a painted answer breaks and indents where a plain one does.
func TestColoursTakeNoColumns(t *testing.T) {
	for name, r := range fixture.Situations() {
		var painted, plain bytes.Buffer
		d := OfRun(r)
		if err := errors.Join(d.WriteAnswer(&painted, true, 80), d.WriteAnswer(&plain, false, 80)); err != nil {
			t.Fatal(err)
		}
		if got := paints.ReplaceAllString(painted.String(), ""); got != plain.String() {
			t.Errorf("%s: without its colours\n%s\nwant\n%s", name, got, plain.String())
		}
	}
}

// Releases with reasons of many lines each leave the verdict on the screen.
func TestAnswerOnReleasesThatCannotBeJudgedIsOneScreen(t *testing.T) {
	bad := fixture.Situations()["invalid"]
	bad.Verdict.Reasons = []string{strings.Repeat("other programs used the machine ", 20), "no pair was measured"}
	worse := fixture.UsualReport()
	worse.Verdict.Reasons = append(worse.Verdict.Reasons, strings.Repeat("and so on ", 30))
	answer := answerOf(t, OfReleases([]Release{{Dir: "a", Report: bad}, {Dir: "b", Report: worse}}, nil, nil))
	if n := strings.Count(answer, "\n"); n > answerLines || !strings.HasPrefix(answer, "REGRESSION: ") {
		t.Errorf("%d lines; want at most %d, the verdict first:\n%s", n, answerLines, answer)
	}
}

// Of several releases the answer fits a terminal, too, and has each with its verdict, its gates
// and what to do.
func TestAnswerHasEveryRelease(t *testing.T) {
	answer := answerOf(t, OfReleases(fixture.UsualReleases().Runs, nil, []string{"embedded:v9: no such version"}))
	if n := strings.Count(answer, "\n"); n > answerLines {
		t.Errorf("%d lines:\n%s", n, answer)
	}
	for _, want := range []string{"Of 4 releases", "\n✗ embedded:v2 is ", "\n✓ embedded:v2?tokens=jwt is ",
		"\n✗ revoke P50 ", "\n~ embedded:v2 (2): One version",
		"what to do: ", "not measured: embedded:v9"} {
		if !strings.Contains(answer, want) {
			t.Errorf("no %q in:\n%s", want, answer)
		}
	}
}

// A cost that convicts stands among the rows with what each version spent.
func TestAnswerShowsTheCostThatConvicts(t *testing.T) {
	r := fixture.UsualReport()
	cost := &r.Verdict.Costs[0]
	cost.Ratio = verdict.Interval{Estimate: 1.312, Low: 1.301, High: 1.324}
	cost.Decision, r.Verdict.Decision = verdict.Regression, verdict.Regression
	row := ""
	for line := range strings.Lines(answerOf(t, OfRun(r))) {
		if strings.HasPrefix(line, "✗ "+cost.Name()) {
			row = line
		}
	}
	if !strings.Contains(row, "+31 % [+30 %, +32 %]") || strings.Contains(row, "–") || strings.Count(row, "s  ") < 2 {
		t.Errorf("the row of %s is %q", cost.Name(), row)
	}
}

// The longest names and intervals that costs have fit a terminal, and each row has its margin.
func TestAnswerOfCostsFits(t *testing.T) {
	r := fixture.UsualReport()
	r.Verdict.Decision = verdict.Regression
	r.Verdict.Costs = nil
	for _, kind := range verdict.Costs {
		r.Verdict.Costs = append(r.Verdict.Costs, verdict.Comparison{Operation: kind.Words, Margin: 0.05,
			Decision: verdict.Regression, Ratio: verdict.Interval{Estimate: 2.06, Low: 2.001, High: 2.204}})
	}
	answer := answerOf(t, OfRun(r))
	for line := range strings.Lines(answer) {
		line = strings.TrimSuffix(line, "\n")
		if n := utf8.RuneCountInString(line); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
		if strings.Contains(line, "[+100 %, +120 %]") && !strings.HasSuffix(line, " +5 %") {
			t.Errorf("no margin: %s", line)
		}
	}
	if !strings.Contains(answer, "[+100 %, +120 %]") {
		t.Errorf("no cost in:\n%s", answer)
	}
}

// What chance left undecided, though enough was measured, has a next step too.
func TestUndecidedByChanceSaysWhatToDo(t *testing.T) {
	r := fixture.UsualReport()
	r.Verdict.Decision, r.Verdict.Planned, r.Verdict.Units = verdict.Inconclusive, 8, 8
	r.Verdict.Comparisons = []verdict.Comparison{{Operation: "token", Quantile: 0.5, Gating: true, Margin: 0.1,
		Decision: verdict.Inconclusive, Units: 8, UnitsNeeded: 7, Certifiable: 0.1026}}
	steps := summary.NextSteps(summary.Of(r))
	if len(steps) != 1 || !strings.Contains(steps[0], "--margin 'token p50 11%'") {
		t.Errorf("%q", steps)
	}
}

// A result that is no pass says what to do, in every form that a person reads, and a pass does not.
func TestWhatToDo(t *testing.T) {
	for name, want := range map[string]string{
		"usual": "tell the version from its settings: compare with a candidate that has hasher as it " +
			"was (bcrypt)",
		"interrupted":   "go on with it, for ",
		"contradictory": "measure again into another folder",
		"invalid":       "free the machine of what is named above",
		"single":        "",
	} {
		r := fixture.Situations()[name]
		steps := summary.NextSteps(summary.Of(r))
		if want == "" {
			if len(steps) > 0 {
				t.Errorf("%s: %q; want none", name, steps)
			}
			continue
		}
		if len(steps) == 0 || !strings.HasPrefix(steps[0], want) {
			t.Errorf("%s: %q; want %q first", name, steps, want)
			continue
		}
		for _, format := range []string{"text", "markdown", "html", "json"} {
			text := string(write(t, format, r))
			if format == "html" && strings.Contains(text, "What to do") ||
				strings.Contains(folded(text), folded(want)) {
				continue
			}
			t.Errorf("%s: %s does not say what to do", name, format)
		}
	}
}

// folded is a text with its space and escapes out of the way.
func folded(text string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(text, "\\", "")), " ")
}

// Every page of several runs counts all of them.
func TestReleasesSentenceCountsAll(t *testing.T) {
	r := summary.NewReleases(fixture.UsualReleases().Runs, nil, nil)
	want := "Of 3 releases: 1 passes, 1 is a regression, 1 was measured without a limit."
	if got := r.Sentence(); got != want {
		t.Errorf("%q; want %q", got, want)
	}
}

// What a machine is good for is said on one screen, also where much speaks against it.
func TestAnswerOfASelftestFits(t *testing.T) {
	s := usualSelftest()
	for range 6 {
		s.Noise = append(s.Noise, s.Noise...)
		for i := range s.Profiles {
			s.Profiles[i].Detectable = append(s.Profiles[i].Detectable, s.Profiles[i].Detectable...)
			s.Profiles[i].Against = append(s.Profiles[i].Against, strings.Repeat("it is much too noisy here; ", 20))
		}
		answer := answerOf(t, s.Document())
		if n := strings.Count(answer, "\n"); n > answerLines || !strings.HasPrefix(answer, s.headline()) {
			t.Errorf("%d comparisons: %d lines\n%s", len(s.Noise), n, answer)
		}
		for line := range strings.Lines(answer) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
				t.Errorf("%d columns: %s", n, line)
			}
		}
	}
}

// A margin that noise chose says from where on it convicts, wherever margins stand, within the width of a terminal
// and of a report; one that was given is one figure.
func TestMarginsOfTwoFiguresAreShown(t *testing.T) {
	r := fixture.UsualReport()
	if d := OfRun(r); strings.Contains(answerOf(t, d)+textOf(t, d), "convicts") {
		t.Error("margins of one figure are explained as if they had two")
	}
	for i := range r.Verdict.Comparisons {
		if c := &r.Verdict.Comparisons[i]; c.Gating {
			c.Margin, c.Convicts = .25, .125
		}
	}
	d := OfRun(r)
	for _, said := range []struct {
		what, text string
		wants      []string
		widest     int
	}{
		{"answer", answerOf(t, d), []string{" convicts…margin\n", " +12.5…25 %\n"}, 80},
		{"report.txt", textOf(t, d), []string{"\n    convicts from +12.5 % on, a pass certifies +25 %\n"}, 100},
	} {
		for _, want := range said.wants {
			if !strings.Contains(said.text, want) {
				t.Errorf("%s: no %q in:\n%s", said.what, want, said.text)
			}
		}
		for line := range strings.Lines(said.text) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > said.widest {
				t.Errorf("%s: %d columns: %s", said.what, n, line)
			}
		}
	}
}

func textOf(t *testing.T, d *Document) string {
	t.Helper()
	var b strings.Builder
	if err := d.WriteText(&b, false); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A run of which no trial counts has no table of nothing.
func TestNoTableOfNothing(t *testing.T) {
	r := fixture.UsualReport()
	for i := range r.Run.Trials {
		r.Run.Trials[i].Warmup = true
	}
	var b bytes.Buffer
	if err := OfRun(r).WriteText(&b, false); err != nil {
		t.Fatal(err)
	}
	if text := b.String(); strings.Contains(text, "achieved") ||
		!strings.Contains(text, "no response time was measured in a trial that counts\n") {
		t.Errorf("a table of nothing, or no word of it:\n%s", text)
	}
}

// Where there is room for one row, it is one that decided.
func TestTheRowThatIsLeftDecided(t *testing.T) {
	r := fixture.Large()
	for i := range r.Verdict.Comparisons {
		c := &r.Verdict.Comparisons[i]
		c.Decision, c.Gating, c.Sentinel = verdict.Regression, false, false
	}
	last := &r.Verdict.Comparisons[len(r.Verdict.Comparisons)-1]
	last.Gating = true
	r.Verdict.Decision = verdict.Regression
	if answer := answerOf(t, OfRun(r)); !strings.Contains(answer, "\n✗ "+last.Name()+" ") {
		t.Errorf("no row of %s:\n%s", last.Name(), answer)
	}
}
