package rehearse

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench/projection"
	"github.com/oauthbench/oauthbench/containers/census"
	"github.com/oauthbench/oauthbench/internal/rehearse/account"
	"github.com/oauthbench/oauthbench/internal/rehearse/projected"
	"github.com/oauthbench/oauthbench/scenarios/upgrade"
)

// made is a report with something of everything.
func made() Report {
	begun := time.Unix(1000, 0)
	traffic := upgrade.Traffic{Sent: 3, Failed: 1, Gap: time.Second, GapStep: "migrate the copy"}
	for i := range 3 {
		traffic.Seconds = append(traffic.Seconds, upgrade.Second{At: begun.Add(time.Duration(i) * time.Second), N: 1,
			Bad: i % 2, P50: time.Millisecond, Worst: 5 * time.Millisecond})
	}
	return Report{
		From: `hydra:v1.11.10?env.X=<script>alert(1)</script>`, To: "hydra:v2.3.0", Started: begun,
		Result: upgrade.Result{
			Strategy: upgrade.BlueGreen,
			Steps: []upgrade.Step{
				{Name: "migrate the copy", Began: begun, Took: time.Second},
				{Name: upgrade.SwitchStep, Began: begun.Add(time.Second), Took: time.Second},
			},
			Captured: 7, Replayed: 6, Journalled: []time.Time{begun, begun.Add(time.Millisecond)},
			ReplayedAt: []time.Time{begun.Add(time.Second)},
			Witnessed: &upgrade.Witnessed{Rotated: 11, Ended: 12, Both: 13, RowsOnly: 14, Entries: 15,
				JournalOnly: 16},
			Lines: []upgrade.Line{{Asked: upgrade.AfterSwitch, Kind: upgrade.AccessToken, Made: upgrade.BeforeCopy,
				Expect: upgrade.Live, Of: 41, Wrong: 3}},
			Matrix: []upgrade.Row{{Question: "a cookie", Cells: []upgrade.Cell{{Answer: upgrade.Works},
				{Answer: upgrade.Refused}, {Answer: upgrade.Works}, {Answer: upgrade.Refused},
				{Answer: upgrade.NoStart}}}},
			Source: []upgrade.Check{{Name: "odd rows", Rows: 2, Of: 9, Means: "are dropped"}},
			Findings: []upgrade.Finding{{Name: upgrade.FoundLost, Of: 41, Wrong: 3, Text: "3 of 41",
				Cure: "look at <b>"}},
			Traffic: &traffic,
			Changes: []upgrade.Change{
				{What: "P95 issue", Unit: upgrade.UnitTime, Before: upgrade.Figure{N: 9, Value: 185e6, Low: 180e6},
					After: upgrade.Figure{N: 8, Value: 101e6, Low: 90e6, High: 110e6}},
				{What: "heap", Unit: upgrade.UnitBytes, Before: upgrade.Figure{Value: 449 << 20, High: 1}}},
		},
		Measured: Measured{Account: &account.Account{Took: time.Second,
			Tables:     []account.Table{{Name: "flow", Inserted: 5, Updated: 30}},
			Statements: []account.Statement{{Text: "UPDATE flow SET nid = $1", Took: time.Second}},
			Locks: &account.Locks{Samples: 11, Every: time.Second,
				Seconds: []account.Second{{At: begun, Waiting: 9}}}},
			Held: 1,
			InPlace: &account.Account{Took: time.Second, Locks: &account.Locks{Samples: 12, Waits: []account.Wait{
				{Table: "a row", Waited: "SELECT of blue", For: "ALTER TABLE flow", Longest: time.Second}}}},
			Repair: "UPDATE",
			Implied: []projected.Implied{{Published: census.Published{Who: "Somebody", Took: time.Hour}, Made: "flow",
				Rows: 17.8e6}},
			Projection: &projected.Projection{Sizes: []projected.Size{{Rows: 4000, Took: time.Second}},
				Missing: []string{"<forgotten>"}, Tables: []projected.Table{{Name: "refresh", Rows: 3e7,
					Costs: projected.Costs{Seconds: projection.Estimate{Low: 60, Mean: 7200, High: 9000}},
					Bends: []string{"time"}}}},
			NotProjected: "invalid input"},
		Plan: []upgrade.Planned{{Name: "migrate the copy", Commands: []string{"hydra migrate sql"}}},
	}
}

// The page says all that there is to say, takes nothing from elsewhere, and lets no word of a
// target or a server become markup.
func TestPage(t *testing.T) {
	var b bytes.Buffer
	if err := WritePage(&b, made()); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, want := range []string{
		"FAIL", upgrade.FoundLost, "3 of 41", "look at &lt;b&gt;", "odd rows", "are dropped", "7 revocations",
		"6 replayed",
		"flow", "hydra migrate sql", "repair.sql", "<svg",
		"17.8 million rows of flow", "30 million", "2.0 h [1m0s to 2.5 h]", "time, grew faster", "&lt;forgotten&gt;",
		"invalid input", "185 ms [180 ms to ?]", "101 ms [90 ms to 110 ms]", "-45 %", "449 MiB", "introspect 45 %",
		"UPDATE flow SET nid", "Nobody was seen waiting", "SELECT of blue", "<circle", "migrate the copy, 1.0 s",
		"journalled: 2<", "replayed: 1<", "wait for locks: 9<", "11 rotations and 12 other ends", "14 in no entry",
		"15 entries of that time 16", `a cookie</th><td>works</td><td ` +
			`class="wrong">refused</td><td>works</td><td>refused<`, "held to 1 of this machine", "theme-dark", "badge",
		"6 of 7 revocations and rotations replayed", "rows written",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, never := range []string{"<script", "http://", "https://", "<b>\n", "ZgotmplZ"} {
		if strings.Contains(text, never) {
			t.Errorf("the page has %q", never)
		}
	}
}

// For a terminal of 80 by 24 the whole answer fits, however much there is to say, and each finding is marked.
func TestTextFitsATerminal(t *testing.T) {
	var b bytes.Buffer
	report := made()
	report.Options.Out, report.Projection, report.NotProjected = "out", nil, "" // which has lines of its own
	long := strings.Repeat("much is to be said ", 20)
	for i := range 20 {
		report.Findings = append(report.Findings,
			upgrade.Finding{Name: upgrade.FoundKind + long, Of: i, Wrong: i, Text: long, Cure: long},
			upgrade.Finding{Name: upgrade.FoundKind + long, Note: true, Text: long},
			upgrade.Finding{Name: long, Note: true, Text: long})
		report.Source = append(report.Source, upgrade.Check{Name: long, Rows: 1, Of: 1, Means: long})
	}
	if err := report.Write(&b, Text); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "\n"); n > 23 { // the prompt needs one
		t.Errorf("%d lines:\n%s", n, b.String())
	}
	for line := range strings.Lines(b.String()) {
		if len(strings.TrimRight(line, "\n")) > 80 {
			t.Errorf("a line of %d columns: %s", len(line), line)
		}
	}
	for _, want := range []string{"FAIL", "FAULT " + upgrade.FoundLost, "2 of 9 odd rows", "and 15 more",
		"--after-migrate out/repair.sql"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the text does not say %q:\n%s", want, b.String())
		}
	}
}

// A rehearsal that passes says of its wrong answers that they are no fault; one that fails does not.
func TestWrongAnswersOfAPass(t *testing.T) {
	const excuse = "41 asked, 3 about what is told above and no fault\n"
	report := made()
	for _, note := range []bool{false, true} {
		report.Findings[0].Note = note
		var b strings.Builder
		if err := report.Write(&b, Text); err != nil {
			t.Fatal(err)
		}
		passed := strings.HasPrefix(b.String(), "PASS")
		if excused := strings.Contains(b.String(), excuse); passed != note || excused != note {
			t.Errorf("a finding that is a note %t: passed %t, excused %t:\n%s", note, passed, excused, b.String())
		}
	}
}
