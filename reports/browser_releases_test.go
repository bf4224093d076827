package reports

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/browsertest"
	"github.com/oauthbench/oauthbench/reports/internal/fixture"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/internal/units"
	"github.com/oauthbench/oauthbench/reports/page"
)

// openReleases opens the page of several runs without network.
func openReleases(t *testing.T, b *browsertest.Browser, r summary.Releases, s browsertest.Screen) *browsertest.Page {
	t.Helper()
	return openFile(t, b, releasesHTML(t, r), s)
}

func releasesHTML(t *testing.T, r summary.Releases) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := page.WriteReleases(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The table shows what the runs hold, and everything is there with scripts off too.
func releasesAreStored(t *testing.T, b *browsertest.Browser) {
	r := fixture.UsualReleases()
	for _, s := range []browsertest.Screen{{}, {Dark: true, NoScript: true}} {
		p := openReleases(t, b, r, s)
		got := browsertest.Eval[[]string](p,
			`[...document.querySelectorAll(".released tbody tr:not(.operation)")].map(function (row) {
			var first = row.querySelector("th[scope=row]");
			return first.textContent + " " + first.nextElementSibling.firstChild.textContent.trim();
		})`)
		var want []string
		for _, op := range r.Operations() {
			for _, q := range summary.ShownTails {
				for _, v := range r.Versions() {
					want = append(want, v.Name+" "+
						units.Duration(r.Runs[v.Run].Run.Merged(v.Role, op).Response.Quantile(q)))
				}
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("the table has\n%q; want\n%q", got, want)
		}
		verdicts := browsertest.Eval[[]string](p,
			`[...document.querySelectorAll(".candidates li h2")].map(function (h) { return h.textContent; })`)
		if want := []string{"REGRESSION embedded:v2 against embedded:v1",
			"PASS embedded:v2?tokens=jwt against embedded:v1", "MEASURED embedded:v2 (2)"}; !slices.Equal(verdicts,
			want) {
			t.Errorf("verdicts %q; want %q", verdicts, want)
		}
		ratios := browsertest.Eval[[]string](p, `[...document.querySelectorAll(".released .estimate")].map(function `+
			`(e) { return e.textContent + " " + e.nextElementSibling.textContent; })`)
		var stored []string
		for _, op := range r.Operations() {
			for k := range summary.ShownTails {
				for _, row := range r.Rows(op)[k] {
					if row.Comparison != nil {
						words := summary.Change(row.Comparison)
						if !strings.HasPrefix(words, "~") {
							ratio, _, _ := strings.Cut(summary.Ratio(row.Comparison, "×"), " ")
							words = ratio + " " + words
						}
						stored = append(stored, words)
					}
				}
			}
		}
		for i := range ratios { // the page keeps a number and its unit on one line
			ratios[i] = strings.ReplaceAll(ratios[i], "\u00a0", " ")
		}
		if !slices.Equal(ratios, stored) {
			t.Errorf("ratios %q; want %q", ratios, stored)
		}
		shown := browsertest.Eval[int](p, `[...document.querySelectorAll("figure svg")].filter(function (s) { return `+
			`s.getBoundingClientRect().height > 50; }).length`)
		if shown != len(r.Operations()) {
			t.Errorf("%d pictures are shown; want one for each operation", shown)
		}
		sound(t, p, "releases")
		silent(t, p)
	}
}

// The decisions, which stand last in the table, are in sight on every screen.
func releasesShowDecisions(t *testing.T, b *browsertest.Browser) {
	for _, width := range []int{390, 800, 1000, 1280} {
		p := openReleases(t, b, fixture.UsualReleases(),
			browsertest.Screen{Width: width, Height: 800, Phone: width < 700})
		table := `document.querySelector(".released").closest(".scroll")`
		if wide := browsertest.Eval[[]int](p, "["+table+".scrollWidth, "+table+".clientWidth]"); wide[0] > wide[1] {
			t.Errorf("on a screen of %d the table has %d pixels and room for %d", width, wide[0], wide[1])
		}
	}
}

// Names of servers and directories are text, and nothing scrolls sideways but tables.
func hostileReleasesAreText(t *testing.T, b *browsertest.Browser) {
	const evil = "</script><img src=x onerror=window.bad=1>\"'&lt;<!--"
	first, second := fixture.Hostile(), fixture.Hostile()
	for _, r := range []summary.Report{first, second} {
		d := r.Run.Deployments[bench.Candidate]
		d.Name = evil
		r.Run.Deployments[bench.Candidate] = d
	}
	r := summary.NewReleases([]summary.Release{{Dir: evil, Report: first}, {Dir: evil, Report: second}}, []string{evil},
		[]string{evil})
	for _, width := range []int{360, 800, 1280} {
		p := openReleases(t, b, r, browsertest.Screen{Width: width, Height: 800, Phone: width < 700})
		if p.True(`window.bad || document.querySelector("main img, main script")`) {
			t.Error("markup of a server became elements")
		}
		if shown := p.Text(`document.querySelector(".candidates .name").textContent`); shown != evil {
			t.Errorf("the name is shown as %q", shown)
		}
		if wide := browsertest.Eval[int](p, `document.documentElement.scrollWidth`); wide > width {
			t.Errorf("%d pixels wide on a screen of %d", wide, width)
		}
		sound(t, p, fmt.Sprintf("hostile, %d pixels", width))
		silent(t, p)
	}
}

// A year of releases with many operations stays small enough to mail.
func TestReleasesPageIsSmall(t *testing.T) {
	f := fixture.Fixture{Pairs: 2, Epochs: 1, Rate: 30, Length: 2e9}
	for i := range 6 {
		f.Operations = append(f.Operations, fmt.Sprintf("operation%02d", i))
	}
	var runs []summary.Release
	for i := range 52 {
		run := f.Run()
		d := run.Deployments[bench.Candidate]
		d.Name = fmt.Sprintf("server:v1.%d.0", i)
		run.Deployments[bench.Candidate] = d
		runs = append(runs, summary.Release{Dir: fmt.Sprintf("results/%d", i), Report: fixture.Judge(run)})
	}
	page := releasesHTML(t, summary.NewReleases(runs, nil, nil))
	if len(page) > 1_500_000 {
		t.Errorf("%d bytes", len(page))
	}
	if text := string(page); !strings.Contains(text, "server:v1.51.0") || strings.Contains(text, "<script") {
		t.Error("a release is missing, or the page has scripts")
	}
	t.Logf("%d kB", len(page)/1000)
}
