package reports

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"oauthbench/bench"
	"oauthbench/bench/verdict"
)

// The page must work from a mail attachment on a plane.
func TestHTMLIsSelfContained(t *testing.T) {
	loads := regexp.MustCompile(`(?i)\s(src|srcset|data|action|poster|background|xlink:href)\s*=|<\s*(link|iframe|object|embed|base|form)\b|@import|url\(|\bfetch\(|XMLHttpRequest|WebSocket|importScripts`)
	href := regexp.MustCompile(`(?i)href\s*=\s*"([^"]*)"`)
	for name, r := range situations() {
		page := string(write(t, "html", r))
		if m := loads.FindString(page); m != "" {
			t.Errorf("%s: the page has %q", name, m)
		}
		for _, m := range href.FindAllStringSubmatch(page, -1) {
			if !strings.HasPrefix(m[1], "#") {
				t.Errorf("%s: link to %q", name, m[1])
			}
		}
		if !strings.Contains(page, `content="default-src 'none';`) {
			t.Errorf("%s: no content security policy", name)
		}
		if strings.Count(strings.ToLower(page), "</script") > 3 {
			t.Errorf("%s: a script ends early", name)
		}
		if limit := 1_500_000; len(page) > limit {
			t.Errorf("%s: %d bytes; want at most %d", name, len(page), limit)
		}
	}
}

// A link within the page must lead somewhere.
func TestHTMLLinksLead(t *testing.T) {
	page := string(write(t, "html", usualReport()))
	for _, m := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if !strings.Contains(page, `id="`+m[1]+`"`) {
			t.Errorf("no element with id %q", m[1])
		}
	}
}

// hostile puts markup and control characters wherever a server or a plan can.
func hostile() Report {
	const evil = "<script>alert(1)</script>\"'`|@everyone\x1b[2J\u202e](http://evil.example)"
	r := usualReport()
	for role, d := range r.Run.Deployments {
		d.Name, d.Server, d.Version = evil+string(role), evil, evil
		d.Settings = map[string]string{evil: evil + string(role)}
		r.Run.Deployments[role] = d
	}
	r.Run.Tool, r.Run.Command, r.Run.Warnings = evil, []string{"oauthbench", evil}, []string{evil}
	r.Run.Environment.CPU = evil
	r.Run.Loads[0].Streams[0].Scenario = evil
	for i := range r.Run.Trials {
		r.Run.Trials[i].Warnings = []string{evil}
		m := &r.Run.Trials[i].Measurements[0]
		m.Operation = evil
		fail(m, bench.Rejected, 1, evil)
	}
	for i := range r.Verdict.Comparisons {
		r.Verdict.Comparisons[i].Warnings = []string{evil}
		if r.Verdict.Comparisons[i].Operation == "introspect" {
			r.Verdict.Comparisons[i].Operation = evil
		}
	}
	r.Verdict.Reasons = []string{evil}
	return r
}

func TestHostileStringsAreText(t *testing.T) {
	r := hostile()
	page := string(write(t, "html", r))
	if strings.Contains(page, "<script>alert") || strings.Contains(page, "\x1b") || strings.Contains(page, "\u202e") {
		t.Error("html: markup or control characters came through")
	}
	if !strings.Contains(page, "&lt;script&gt;alert(1)&lt;/script&gt;") {
		t.Error("html: the name is not shown as text")
	}
	comment := string(write(t, "markdown", r))
	for _, bad := range []string{"<script", "@everyone", "](http", "://", "\x1b", "\u202e"} {
		if strings.Contains(strings.ReplaceAll(comment, `\]`, ""), bad) {
			t.Errorf("markdown: %q came through", bad)
		}
	}
	for line := range strings.Lines(comment) {
		if strings.HasPrefix(line, "| ") && strings.Count(strings.ReplaceAll(line, `\|`, ""), "|") > 9 {
			t.Errorf("markdown: a name breaks the table: %s", line)
		}
	}
	if text := string(write(t, "text", r)); strings.ContainsAny(text, "\x1b\u202e") {
		t.Error("text: control characters came through")
	}
	for _, f := range newPictures(summarize(r)).of(wide) {
		if strings.ContainsAny(f.name, "</|'\" ") {
			t.Errorf("file name %q", f.name)
		}
		if strings.Contains(f.inline("wide"), "<script") {
			t.Errorf("%s: markup came through", f.name)
		}
	}
}

// Every chart is there without scripts, for wide and narrow paper.
func TestChartsNeedNoScript(t *testing.T) {
	page := string(write(t, "html", usualReport()))
	page, _, _ = strings.Cut(page, `<script type="application/json"`)
	for _, class := range []string{"wide", "narrow"} {
		if n := strings.Count(page, `<svg class="`+class+`"`); n != 10 {
			t.Errorf("%d %s charts; want 10", n, class)
		}
	}
}

// large is a full profile with many operations: the sizes that reports must bear.
func large() Report {
	f := fixture{pairs: 60, epochs: 15, rate: 30, length: 4 * time.Second}
	for i := range 6 {
		f.operations = append(f.operations, fmt.Sprintf("operation%02d", i))
	}
	run := f.run()
	for i := range run.Trials {
		run.Trials[i].Warnings = []string{fmt.Sprintf("send lag P99 %d µs; response times contain it", 1000+i)}
	}
	return report(run)
}

func TestLargeRun(t *testing.T) {
	if testing.Short() {
		t.Skip("a run of 120 trials")
	}
	r := large()
	if n := len(write(t, "html", r)); n > 1_500_000 {
		t.Errorf("html: %d bytes", n)
	}
	if n := len(write(t, "markdown", r)); n > 65_000 {
		t.Errorf("markdown: %d bytes", n)
	}
}

// degenerate are runs that no well-behaved program would store.
func degenerate() map[string]Report {
	zero := Report{Run: &bench.Run{}}

	noMeasurement := usualReport()
	for i := range noMeasurement.Run.Trials {
		noMeasurement.Run.Trials[i].Measurements = nil
	}
	noMeasurement.Verdict.Comparisons = nil

	noUsage := usualReport()
	for i := range noUsage.Run.Trials {
		t := &noUsage.Run.Trials[i]
		t.Server, t.Generator, t.Machine, t.Elapsed, t.Load = bench.Usage{}, bench.Usage{}, bench.Interference{}, 0, bench.Load{}
	}
	noUsage.Run.Pilots, noUsage.Run.Environment, noUsage.Run.Command = nil, bench.Environment{}, nil

	undecidable := usualReport()
	nan, inf := math.NaN(), math.Inf(1)
	for i := range undecidable.Verdict.Comparisons {
		c := &undecidable.Verdict.Comparisons[i]
		c.Ratio, c.Decision = verdict.Interval{Estimate: nan, Low: 0, High: inf}, verdict.Inconclusive
		c.PSlow, c.PAdjusted, c.PNonInferior, c.MDE80, c.Certifiable = nan, nan, nan, nan, nan
		if i%2 == 0 {
			c.Ratio.Estimate = 1.02
		}
	}
	undecidable.Verdict.Controls = []verdict.Control{{Operation: "token", Quantile: .95, Ratio: verdict.Interval{Estimate: nan, High: inf}, P: 1}}

	one := fixture{operations: []string{"token"}, pairs: 2, epochs: 1, rate: 1, length: time.Second}.run()
	for i := range one.Trials { // one request, within the lead-in: nothing recorded
		one.Trials[i].Load.LeadIn = time.Second
	}

	single := usual
	single.rate = 2
	few := single.run()

	return map[string]Report{
		"zero": zero, "no measurement": noMeasurement, "no usage": noUsage, "undecidable": undecidable,
		"nothing recorded": {Run: one}, "few requests": {Run: few, Verdict: judged(few)}, "hostile": hostile(),
		"nil histograms": nilHistograms(),
	}
}

func nilHistograms() Report {
	r := usualReport()
	r.Run.Trials[0].Measurements[0].Response = nil
	r.Run.Trials[1].Measurements[0].SendLag = nil
	r.Run.Trials[2].Measurements[0].Service = nil
	return r
}

func TestDegenerateRuns(t *testing.T) {
	broken := regexp.MustCompile(`\bNaN\b|[+-]Inf\b|%!|<nil>`)
	for name, r := range degenerate() {
		t.Run(name, func(t *testing.T) {
			for _, f := range Formats {
				out := string(write(t, f.Name, r))
				if f.Name == "html" {
					out, _, _ = strings.Cut(out, `<script>`)
				}
				if at := broken.FindStringIndex(out); at != nil {
					t.Errorf("%s shows %q", f.Name, out[max(0, at[0]-60):min(len(out), at[1]+20)])
				}
			}
			for _, f := range newPictures(summarize(r)).of(wide) {
				if svg := f.inline(""); broken.MatchString(svg) {
					t.Errorf("%s: %s", f.name, broken.FindString(svg))
				}
			}
			if name == "zero" || name == "few requests" {
				if err := WriteAll(t.TempDir(), r); err != nil {
					t.Error(err)
				}
			}
		})
	}
}
