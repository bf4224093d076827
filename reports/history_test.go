package reports

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/trend"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/reports/internal/fixture"
)

func usualBaseline() *bench.StoredBaseline {
	b, err := bench.StoreBaseline(fixture.UsualReport().Run, bench.Candidate, "v1.4",
		time.Date(2026, 3, 14, 10, 0, 0, 0, time.UTC))
	if err != nil {
		panic(err)
	}
	return b
}

// usualHistory are nine releases, each a little different, and revoke slower from v1.5 on.
func usualHistory() History {
	b := usualBaseline()
	var h History
	for i := range 9 {
		one := *b
		one.Name = fmt.Sprintf("v1.%d", i)
		one.Header.Started = b.Header.Started.AddDate(0, i, 0)
		one.Merged = nil
		for _, m := range b.Merged {
			slower := time.Duration(i)
			if m.Operation == "revoke" && i >= 5 {
				slower += 200
			}
			if m.Operation == "token" && i == 2 {
				continue // not measured that time
			}
			copied := m
			copied.Response = bench.NewHistogram()
			for _, s := range m.Response.Steps() {
				for range s.Count {
					copied.Response.Record(s.Value * (1000 + slower) / 1000)
				}
			}
			one.Merged = append(one.Merged, copied)
		}
		h.Releases = append(h.Releases, &one)
	}
	h.LeftOut = []string{"v0.9: not measured like v1.8: seed (1, now 2)"}
	return h
}

func usualSelftest() Selftest {
	return Selftest{
		Target: "embedded:v2", Environment: fixture.UsualReport().Run.Environment, Trial: 4 * time.Second, Pairs: 6,
		Decision: verdict.Pass, SendLag: 310 * time.Microsecond,
		Watched: 12, Foreign: Share{.02, .041}, Steal: Share{0, .001},
		Noise: []verdict.Noise{{Operation: "token", Quantile: .5, Pairs: 6, Deviation: .021, Margin: .05},
			{Operation: "token", Quantile: .95, Pairs: 6, Deviation: .09, Margin: .1}},
		Profiles: []SelftestProfile{
			{Name: "quick", Detectable: []float64{0, .113}},
			{Name: "ci", Detectable: []float64{.011, .049}, Against: []string{"token P99 was not measured"}},
			{Name: "thorough", Detectable: []float64{.008, .033}},
		},
	}
}

func TestHistoryBaselineAndSelftestGoldens(t *testing.T) {
	for name, d := range map[string]*Document{
		"baseline": OfBaseline(usualBaseline()), "history": usualHistory().Document(),
		"selftest": usualSelftest().Document(),
	} {
		var out bytes.Buffer
		if err := d.WriteText(&out, false); err != nil {
			t.Fatal(err)
		}
		golden(t, name+".txt", out.Bytes())
	}
}

// The plural of series is series.
func TestChainsCountTheirSeries(t *testing.T) {
	var b strings.Builder
	chains := Chains{Series: make([]ChainSeries, 2)}
	if err := chains.Document().WriteText(&b, false); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(folded(b.String()), "2 series tested") {
		t.Error(b.String())
	}
}

// On a terminal of 80 by 24 the answer of a history says what changed first, however much did, and names no more than
// there is room for.
func TestAnswerOfAHistoryFitsATerminal(t *testing.T) {
	chain := func(name string, log float64, releases int) ChainSeries {
		var ratios []trend.Ratio
		for i := range releases {
			ratios = append(ratios, trend.Ratio{From: fmt.Sprintf("embedded:v%d?with=a-long-setting", i),
				To: fmt.Sprintf("embedded:v%d?with=a-long-setting", i+1), Log: log, Error: .001, Freedom: 20})
		}
		return ChainSeries{Operation: name, Quantile: .95, Chain: trend.NewChain(ratios)}
	}
	var many, still Chains
	for i := range 30 {
		many.Series = append(many.Series, chain(fmt.Sprintf("introspection-%d", i), .3, 3))
	}
	still.Series = []ChainSeries{chain("token", 0, 2)}
	few := usualHistory()
	few.Releases = few.Releases[:3]
	for name, c := range map[string]struct {
		of    *Document
		wants []string
	}{
		"many": {many.Document(), []string{"chain of 4 releases: ", "\nchanged  introspection-0 P95 ",
			" more (--details)\n",
			"\nintrospection-0 P95     +146 % ["}},
		"still": {still.Document(), []string{"chain of 3 releases: no change is named\n", "\ntoken P95 "}},
		"history": {usualHistory().Document(), []string{"history of 9 releases: ", "\nchanged  revoke P95 at v1.5: ",
			"\nleft out: 1 baseline ", "\nnewest: v1.8 "}},
		"few": {few.Document(), []string{"history of 3 releases: no change is named\n", "with 8 or more"}},
	} {
		answer := answerOf(t, c.of)
		if n := strings.Count(answer, "\n"); n > answerLines {
			t.Errorf("%s: %d lines:\n%s", name, n, answer)
		}
		for line := range strings.Lines(answer) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
				t.Errorf("%s: %d columns: %s", name, n, line)
			}
		}
		for _, want := range c.wants {
			if !strings.Contains(answer, want) {
				t.Errorf("%s: no %q in:\n%s", name, want, answer)
			}
		}
	}
}
