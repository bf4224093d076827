package reports

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/browsertest"
	"github.com/oauthbench/oauthbench/reports/internal/fixture"
	"github.com/oauthbench/oauthbench/reports/internal/plot"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// open writes a report's page and opens it without network.
func open(t *testing.T, b *browsertest.Browser, r summary.Report, s browsertest.Screen) *browsertest.Page {
	t.Helper()
	return openFile(t, b, write(t, "html", r), s)
}

func openFile(t *testing.T, b *browsertest.Browser, page []byte, s browsertest.Screen) *browsertest.Page {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, page, 0o644); err != nil {
		t.Fatal(err)
	}
	s.Offline = true
	return b.Open(t, "file://"+path, s)
}

// silent fails when the page asked for anything but itself or complained.
func silent(t *testing.T, p *browsertest.Page) {
	t.Helper()
	for _, url := range p.Requests() {
		if !strings.HasPrefix(url, "file:") && !strings.HasPrefix(url, "data:") {
			t.Errorf("the page asked for %s", url)
		}
	}
	for _, text := range p.Errors() {
		t.Errorf("the page complained: %s", text)
	}
}

// unfold opens whatever is folded.
func unfold(p *browsertest.Page) {
	p.Do(chromedp.Evaluate[chromedp.Void](
		`document.querySelectorAll("details").forEach(function (d) { d.open = true; })`))
}

// drawAll scrolls through the page, with all of it unfolded, until every chart is drawn.
func drawAll(p *browsertest.Page) {
	unfold(p)
	p.Wait(`(function () {
		var next = [...document.querySelectorAll(".charts")].find(function (c) { return !c.querySelector(".chart"); });
		if (next) next.scrollIntoView();
		return !next;
	})()`)
}

func TestBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	b := browsertest.Start(t)
	for _, test := range []struct {
		name string
		run  func(*testing.T, *browsertest.Browser)
	}{
		{"charts are drawn, with the network off", chartsAreDrawn},
		{"a value without a neighbour is drawn", loneValueIsDrawn},
		{"readings are the stored values", readingsAreStored},
		{"keyboard", keyboard},
		{"hostile strings are text", hostileStringsAreText},
		{"nothing scrolls sideways", nothingScrollsSideways},
		{"without scripts", withoutScripts},
		{"in print", inPrint},
		{"every situation", everySituation},
		{"15 epochs of 6 operations", largeRunOpens},
		{"several runs hold the stored values", releasesAreStored},
		{"several runs show their decisions", releasesShowDecisions},
		{"several runs, hostile and on a phone", hostileReleasesAreText},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, b) })
	}
}

// Every chart has a canvas with something on it beside its background.
func chartsAreDrawn(t *testing.T, b *browsertest.Browser) {
	for _, dark := range []bool{false, true} {
		p := open(t, b, fixture.UsualReport(), browsertest.Screen{Dark: dark})
		drawAll(p)
		want := 0
		for _, f := range plot.Draw(summary.Of(fixture.UsualReport())).Of(plot.Wide) {
			want += len(f.Charts())
		}
		got := browsertest.Eval[[]int](p, `[...document.querySelectorAll("canvas")].map(function (c) {
			var inks = new Set();
			var data = new Uint32Array(c.getContext("2d").getImageData(0, 0, c.width, c.height).data.buffer);
			data.forEach(function (v) { if (v >>> 24 === 255) inks.add(v); });
			return inks.size;
		})`)
		if len(got) != want {
			t.Errorf("%d charts; want %d", len(got), want)
		}
		for i, inks := range got {
			if inks < 3 { // axis, grid, data
				t.Errorf("chart %d has %d colours", i, inks)
			}
		}
		if p.True(`[...document.querySelectorAll(".still:not(.always) svg")].some(function (s) { return ` +
			`s.getBoundingClientRect().height > 0; })`) {
			t.Error("still pictures are shown beside the charts that replace them")
		}
		silent(t, p)
	}
}

// A trial in which requests were due in one second only has a point on the time-line.
func loneValueIsDrawn(t *testing.T, b *browsertest.Browser) {
	r := fixture.UsualReport()
	for i := range r.Run.Trials {
		for k := range r.Run.Trials[i].Measurements {
			m := &r.Run.Trials[i].Measurements[k]
			m.Timeline = m.Timeline[2:3]
		}
	}
	p := open(t, b, r, browsertest.Screen{})
	drawAll(p)
	// Points of the lines' colour between the axes, below the strokes that top the trials.
	if !p.True(`(function () {
		var c = document.querySelector("#timeline canvas");
		var over = document.querySelector("#timeline .u-over").getBoundingClientRect();
		var at = c.getBoundingClientRect();
		var dot = document.createElement("canvas").getContext("2d");
		dot.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--candidate").trim();
		dot.fillRect(0, 0, 1, 1);
		var want = new Uint32Array(dot.getImageData(0, 0, 1, 1).data.buffer)[0];
		var inside = c.getContext("2d").getImageData(over.left - at.left, over.top - at.top + 4,
			over.width, over.height - 4);
		return new Uint32Array(inside.data.buffer).includes(want);
	})()`) {
		t.Error("nothing is drawn for the candidate")
	}
	silent(t, p)
}

// Pointing at a percentile shows what the table says of it, to the last digit.
func readingsAreStored(t *testing.T, b *browsertest.Browser) {
	r := fixture.UsualReport()
	p := open(t, b, r, browsertest.Screen{})
	drawAll(p)
	p.Do(chromedp.Evaluate[chromedp.Void](
		`document.getElementById("percentiles-token").scrollIntoView({block: "center"})`))
	for i, q := range summary.Headlines {
		// Where the chart has this quantile, in pixels of the window.
		at := browsertest.Eval[[]float64](p, fmt.Sprintf(`(function () {
			var over = document.querySelector("#percentiles-token .u-over").getBoundingClientRect();
			var spec = JSON.parse(document.getElementById("series").textContent)["percentiles-token"][0];
			return [over.left + over.width * (%v - spec.x.min) / (spec.x.max - spec.x.min), over.top + over.height / 2];
		})()`, -math.Log10(1-q)))
		p.Do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at[0], at[1]))
		p.Wait(fmt.Sprintf(`document.querySelector("#percentiles-token .tip:not([hidden]) > b")?.textContent === "P%v"`,
			100*q))
		got := browsertest.Eval[[]string](p, `[...document.querySelectorAll("#percentiles-token .tip `+
			`div")].map(function (d) { return d.textContent; })`)
		want := []string{
			"embedded:v1" + units.Duration(r.Run.Merged(bench.Baseline,
				"token").Response.Quantile(summary.Headlines[i])),
			"embedded:v2" + units.Duration(r.Run.Merged(bench.Candidate,
				"token").Response.Quantile(summary.Headlines[i])),
		}
		if !slices.Equal(got, want) {
			t.Errorf("P%v reads %q; want %q", 100*q, got, want)
		}
	}
	silent(t, p)
}

// Everything that a pointer does, keys do: the theme, a line, a value.
func keyboard(t *testing.T, b *browsertest.Browser) {
	p := open(t, b, fixture.UsualReport(), browsertest.Screen{})
	paper := `getComputedStyle(document.body).backgroundColor`
	light := p.Text(paper)
	p.Do(chromedp.Evaluate[chromedp.Void](`document.getElementById("theme-auto").focus()`),
		chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.ArrowRight))
	p.Wait(`document.getElementById("theme-dark").checked`)
	if dark := p.Text(paper); dark == light {
		t.Errorf("dark paper is %s too", dark)
	}

	unfold(p)
	p.Do(chromedp.Evaluate[chromedp.Void](`document.getElementById("percentiles-token").scrollIntoView()`))
	p.Wait(`document.querySelector("#percentiles-token .legend button")`)
	p.Do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#percentiles-token .legend button").focus()`),
		chromedp.KeyEvent(" "))
	p.Wait(`document.querySelector("#percentiles-token .legend button").getAttribute("aria-pressed") === "false"`)

	// The next stop but one is the chart itself.
	p.Do(chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Tab))
	if !p.True(`document.activeElement.matches("#percentiles-token .plot")`) {
		t.Fatalf("the focus is on %s", p.Text(`document.activeElement.outerHTML.slice(0, 100)`))
	}
	p.Do(chromedp.KeyEvent(kb.Home))
	p.Wait(`document.querySelector("#percentiles-token .tip:not([hidden])")`)
	spoken := p.Text(`document.querySelector("#percentiles-token [aria-live]").textContent`)
	if !strings.HasPrefix(spoken, "minimum: embedded:v2 ") || strings.Contains(spoken, "embedded:v1") {
		t.Errorf("Home says %q", spoken)
	}
	p.Do(chromedp.KeyEvent(kb.ArrowRight))
	p.Wait(fmt.Sprintf(`document.querySelector("#percentiles-token [aria-live]").textContent !== %q`, spoken))
	silent(t, p)
}

func hostileStringsAreText(t *testing.T, b *browsertest.Browser) {
	r := fixture.Hostile()
	const more = "</script><img src=x onerror=window.bad=1>\u2028\u2029\"'&lt;<!--"
	for role, d := range r.Run.Deployments {
		d.Name = more + string(role)
		r.Run.Deployments[role] = d
	}
	for i := range r.Run.Trials {
		r.Run.Trials[i].Measurements[1].Operation = more
	}
	p := open(t, b, r, browsertest.Screen{})
	drawAll(p)
	if p.True(`window.bad || document.querySelector("main img, main script")`) {
		t.Error("markup of a server became elements")
	}
	if shown := p.Text(`document.querySelector(".compared .target").textContent`); !strings.Contains(shown,
		"</script><img src=x onerror=window.bad=1>") {
		t.Errorf("the name is shown as %q", shown)
	}
	if !p.True(`[...document.querySelectorAll(".legend span")].some(function (s) { return ` +
		`s.textContent.includes("</script><img"); })`) {
		t.Error("no legend shows the name")
	}
	silent(t, p)
}

// A page that scrolls sideways cannot be read on a phone; wide tables scroll by
// themselves.
func nothingScrollsSideways(t *testing.T, b *browsertest.Browser) {
	for _, width := range []int{360, 390, 430, 700, 800, 1000, 1280} {
		for name, r := range map[string]summary.Report{"usual": fixture.UsualReport(), "hostile": fixture.Hostile()} {
			p := open(t, b, r, browsertest.Screen{Width: width, Height: 800, Phone: width < 700})
			drawAll(p)
			if wide := browsertest.Eval[int](p, `document.documentElement.scrollWidth`); wide > width {
				t.Errorf("%s: %d pixels wide on a screen of %d; %s", name, wide, width, p.Text(`(function () {
					var e = [...document.querySelectorAll("main *")].filter(function (e) {
						return e.getBoundingClientRect().right > innerWidth && !e.closest(".scroll");
					});
					return e.slice(0, 5).map(function (e) { return e.tagName + "." + e.className; }).join(" ");
				})()`))
			}
			// Names may be of any length; without such the decisions are in sight.
			if name == "usual" && p.True(`(function (e) { return e.scrollWidth > e.clientWidth; `+
				`})(document.querySelector(".results").closest(".scroll"))`) {
				t.Errorf("the table of results is cut on a screen of %d: %s", width, p.Text(`(function (e) {
					return e.scrollWidth + " of " + e.clientWidth + " pixels: " +
						[...e.querySelectorAll("tbody tr")].slice(1, 2).map(function (r) {
							return [...r.children].map(function (c) {
								return c.textContent.trim() + "=" + c.offsetWidth;
							}).join("; ");
						});
				})(document.querySelector(".results").closest(".scroll"))`))
			}
			silent(t, p)
		}
	}
}

func withoutScripts(t *testing.T, b *browsertest.Browser) {
	for _, s := range []browsertest.Screen{{NoScript: true}, {NoScript: true, Width: 390, Height: 844, Phone: true}} {
		p := open(t, b, fixture.UsualReport(), s)
		// The debugger may still evaluate.
		unfold(p)
		shown := browsertest.Eval[int](p, `[...document.querySelectorAll("figure svg")].filter(function (s) { return `+
			`s.getBoundingClientRect().height > 50; }).length`)
		if want := len(plot.Draw(summary.Of(fixture.UsualReport())).Of(plot.Wide)); shown != want {
			t.Errorf("%d pictures are shown; want %d", shown, want)
		}
		silent(t, p)
	}
}

// Paper has no scripts' charts, no navigation, and light colours.
func inPrint(t *testing.T, b *browsertest.Browser) {
	p := open(t, b, fixture.UsualReport(), browsertest.Screen{Dark: true})
	p.Print()
	p.Wait(`matchMedia("print").matches`)
	if got := p.Text(`getComputedStyle(document.body).backgroundColor`); got != "rgb(255, 255, 255)" {
		t.Errorf("paper is %s", got)
	}
	if p.True(`[...document.querySelectorAll("nav, .theme, .charts")].some(function (e) { return ` +
		`e.getBoundingClientRect().height > 0; })`) {
		t.Error("what needs a screen is printed")
	}
	shown := browsertest.Eval[int](p, `[...document.querySelectorAll("figure svg")].filter(function (s) { return `+
		`s.getBoundingClientRect().height > 50; }).length`)
	if want := len(plot.Draw(summary.Of(fixture.UsualReport())).Of(plot.Wide)); shown != want {
		t.Errorf("%d pictures are printed; want %d", shown, want)
	}
	if pdf := p.PDF(); len(pdf) < 10_000 {
		t.Errorf("the printed page has %d bytes", len(pdf))
	}
}

func everySituation(t *testing.T, b *browsertest.Browser) {
	all := fixture.Situations()
	for _, name := range []string{"zero", "undecidable", "nothing recorded"} {
		all[name] = fixture.Degenerate()[name]
	}
	all["expectations"] = fixture.WithExpectations()
	for name, r := range all {
		p := open(t, b, r, browsertest.Screen{})
		drawAll(p)
		sound(t, p, name)
		silent(t, p)
	}
}

// sound fails when a page has not one name for each landmark, one first heading, or an id
// twice.
func sound(t *testing.T, p *browsertest.Page, name string) {
	t.Helper()
	for what, wrong := range map[string]string{
		"an id twice": `(function () { var ids = [...document.querySelectorAll("[id]")].map(function ` +
			`(e) { return e.id; }); return new Set(ids).size < ids.length; })()`,
		"not one first heading": `document.querySelectorAll("h1").length !== 1`,
		"not one main":          `document.querySelectorAll("main").length !== 1`,
		"a region without a name": `[...document.querySelectorAll("section, nav, [role=region], [role=img], ` +
			`[role=group]")].some(function (e) { var by = e.getAttribute("aria-labelledby"); return by ? ` +
			`!document.getElementById(by)?.textContent.trim() : !e.getAttribute("aria-label"); })`,
		"a column without a heading": `[...document.querySelectorAll("thead th")].some(function (e) { return ` +
			`!e.textContent.trim() && !e.querySelector("svg"); })`,
		"a button without a name": `[...document.querySelectorAll("button")].some(function (e) { return ` +
			`!e.textContent.trim(); })`,
		"a link that leads nowhere": `[...document.querySelectorAll("a")].some(function (e) { return ` +
			`!document.getElementById(decodeURIComponent(e.hash.slice(1))); })`,
		"a scroll box out of reach": `[...document.querySelectorAll(".scroll")].some(function (e) { return ` +
			`e.tabIndex !== 0; })`,
	} {
		if p.True(wrong) {
			t.Errorf("%s: %s", name, what)
		}
	}
}

func largeRunOpens(t *testing.T, b *browsertest.Browser) {
	p := open(t, b, fixture.Large(), browsertest.Screen{})
	t.Logf("DOMContentLoaded %.0f ms, loaded %.0f ms, %d kB",
		browsertest.Eval[float64](p, `performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd`),
		browsertest.Eval[float64](p, `performance.getEntriesByType("navigation")[0].loadEventEnd`),
		browsertest.Eval[int](p, `Math.round(document.documentElement.outerHTML.length / 1000)`))
	drawAll(p)
	silent(t, p)
}
