package reports

import (
	"fmt"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// Selftest is what a version's comparison with itself says about the machine.
type Selftest struct {
	Target      string
	Environment bench.Environment
	Trial       time.Duration // length of one
	Pairs       int           // undisturbed ones
	Disturbed   int           // pairs
	Decision    verdict.Decision
	Noise       []verdict.Noise
	SendLag     time.Duration // P99, of the operation with the largest
	Watched     int           // trials in which foreign CPU time and steal are known
	Foreign     Share
	Steal       Share
	Profiles    []SelftestProfile
	// Against lists why the machine should not gate at all, whatever the profile.
	Against []string
}

// Share is a share of the machine over the trials of a run.
type Share struct{ Mean, Max float64 }

// SelftestProfile is what one profile could do on the machine.
type SelftestProfile struct {
	Name string
	// Detectable has the smallest slowdown of each entry of Selftest.Noise that the
	// profile would notice four times in five, as a fraction; 0 where it does not gate.
	Detectable []float64
	// Against lists why it should not gate.
	Against []string
}

// Gates tells whether the machine should gate with any profile.
func (s Selftest) Gates() bool { return len(s.gating()) > 0 }

func (s Selftest) gating() []string {
	var names []string
	for _, p := range s.Profiles {
		if len(s.Against) == 0 && len(p.Against) == 0 {
			names = append(names, p.Name)
		}
	}
	return names
}

// Document reports on it. A machine that may gate passes.
func (s Selftest) Document() *Document {
	d := &Document{Headline: s.headline(), Reasons: s.Against, text: s.text, values: s.values,
		answer: func(t *textWriter) { fitted(t, s.answer) }}
	d.junit = func() junitSuite {
		suite := junitSuite{Name: "oauthbench: selftest", Time: "0"}
		decision := verdict.Inconclusive
		if s.Gates() {
			decision = verdict.Pass
		}
		suite.add("selftest", plaintext.Line(s.Target)+" against itself", decision, s.headline(), s.Against)
		return suite
	}
	return d
}

func (s Selftest) headline() string {
	switch names := s.gating(); len(names) {
	case 0:
		return "This machine should not gate."
	case len(s.Profiles):
		return "This machine can gate with every profile."
	default:
		return fmt.Sprintf("This machine can gate with %s.", strings.Join(names, " and "))
	}
}

func (s Selftest) text(t *textWriter) {
	t.line("%s", s.headline())
	for _, why := range s.why() {
		t.wrap("  - ", plaintext.Line(why))
	}
	e := s.Environment
	t.wrap("machine    ", plaintext.Line(fmt.Sprintf("%s %s, %s, %d cores", e.OS, e.Arch, e.CPU, e.Cores)))
	t.wrap("measured   ", fmt.Sprintf("%s against itself, %s, trials of %s; verdict %s", plaintext.Line(s.Target),
		units.Plural(s.Pairs, "undisturbed pair"), units.Duration(s.Trial), s.Decision))
	if w := e.Wakeups; w != nil {
		t.wrap("pacing     ", summary.WakeupWords(*w))
	}
	if s.SendLag > 0 {
		t.wrap("send lag   ", "P99 "+units.Duration(s.SendLag))
	} else {
		t.wrap("send lag   ", "not checked: no trial counts")
	}
	if s.Watched > 0 {
		t.wrap("others     ", fmt.Sprintf("in %s other programs used %s of the machine, at most %s (limit %s); the "+
			"hypervisor took %s, at most %s (limit %s); %s disturbed", units.Plural(s.Watched, "trial"),
			units.Percent(s.Foreign.Mean), units.Percent(s.Foreign.Max), units.Percent(bench.MaxForeignShare),
			units.Percent(s.Steal.Mean), units.Percent(s.Steal.Max), units.Percent(bench.MaxStealShare),
			units.Plural(s.Disturbed, "pair")))
	} else {
		t.wrap("others     ", "not checked: no trial tells what other programs used")
	}
	if len(s.Noise) > 0 {
		s.table(t, len(s.Noise))
		t.line("")
		t.wrap("", "Noise is the standard deviation of the log ratio of a pair. A profile can gate when it "+
			"notices twice "+
			"the margin in every comparison that it gates within its budget at these rates; "+units.None+
			" marks the others. Where its trials need more requests than these had, the noise is extrapolated. One "+
			"start per version: how much starts differ is not in these figures.")
	}
}

// why are the reasons why the machine should not gate, with any profile or with one.
func (s Selftest) why() []string {
	if len(s.Against) > 0 {
		return s.Against // What a profile could do on a machine that does not count is no news.
	}
	var all []string
	for _, p := range s.Profiles {
		for _, why := range p.Against {
			all = append(all, p.Name+": "+why)
		}
	}
	return all
}

// answer is what a person at a terminal wants to know of it.
func (s Selftest) answer(t *textWriter, size answerSize) {
	t.line("%s", s.headline())
	t.some("  - ", s.why(), size.reasons)
	if len(s.Noise) > 0 {
		s.table(t, size.rows)
		t.line("")
	}
	t.wrap("", fmt.Sprintf("%s against itself: %s of %s, verdict %s", plaintext.Line(s.Target),
		units.Plural(s.Pairs, "undisturbed pair"), units.Duration(s.Trial), s.Decision))
	if s.Watched > 0 && !size.brief {
		t.wrap("", fmt.Sprintf("other programs used %s of the machine (limit %s), the hypervisor took %s; %s disturbed",
			units.Percent(s.Foreign.Mean), units.Percent(bench.MaxForeignShare), units.Percent(s.Steal.Mean),
			units.Plural(s.Disturbed, "pair")))
	}
}

// values are the noise of each comparison and the slowdown that each profile would notice.
func (s Selftest) values() []Value {
	all := []Value{{Statistic: "send_lag_p99", Unit: "ns", Number: float64(s.SendLag)}}
	for i, n := range s.Noise {
		label := strings.ToLower(verdict.Percentile(n.Quantile))
		all = append(all, Value{Operation: n.Operation, Statistic: "noise_" + label, Number: n.Deviation})
		for _, p := range s.Profiles {
			if v := p.Detectable[i]; v > 0 {
				all = append(all, Value{Operation: n.Operation, Statistic: "detectable_" + label + "_" + p.Name,
					Number: v})
			}
		}
	}
	return all
}

// table has a row for each comparison, at most so many.
func (s Selftest) table(t *textWriter, most int) {
	t.line("")
	t.line("%s  %s  %s  smallest slowdown noticed 4 times in 5", pad("", 16), padLeft("noise of", 8),
		padLeft("", 6))
	header := []string{pad("comparison", 16), padLeft("a pair", 8), padLeft("margin", 6)}
	for _, p := range s.Profiles {
		header = append(header, padLeft(p.Name, 8))
	}
	t.line("%s", strings.Join(header, "  "))
	for i, n := range s.Noise {
		if i == most && len(s.Noise) > most+1 {
			t.line("and %d more", len(s.Noise)-most)
			break
		}
		cells := []string{pad(units.Clip(plaintext.Line(n.Operation+" "+verdict.Percentile(n.Quantile)), 16), 16),
			padLeft(units.Percent(n.Deviation), 8), padLeft(units.Percent(n.Margin), 6)}
		for _, p := range s.Profiles {
			cell := units.None
			if d := p.Detectable[i]; d > 0 {
				cell = "+" + units.Percent(d)
			}
			cells = append(cells, padLeft(cell, 8))
		}
		t.line("%s", strings.Join(cells, "  "))
	}
}
