package live

import (
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/internal/browsertest"
)

// The page follows a run to its end: status, charts, and the word that it is over.
func TestBrowserFollowsARun(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	b := browsertest.Start(t)
	s, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := b.Open(t, s.URL(), browsertest.Screen{Width: 390, Height: 844, Phone: true})
	if got := p.Text(`document.getElementById("state").textContent`); got != "Waiting for the first trial" {
		t.Errorf("before the run it says %q", got)
	}
	over := make(chan struct{})
	go func() { defer close(over); run(t, s.View, 3*time.Second) }()
	p.Wait(`document.getElementById("state").textContent.startsWith("Trial 1 of 2")`)
	p.Wait(`document.querySelector("#now canvas")`)
	p.Wait(`document.querySelector("#live-percentiles-ping canvas")`)
	p.Wait(`document.getElementById("times").textContent.startsWith("P95 so far: ")`)
	<-over
	p.Wait(`[...document.querySelectorAll("#live-percentiles-ping .legend button")].some(function (b) { return ` +
		`b.textContent.includes("</script><img"); })`)
	if wide := browsertest.Eval[int](p, `document.documentElement.scrollWidth`); wide > 390 {
		t.Errorf("%d pixels wide on a screen of 390", wide)
	}
	s.View.Conclude(Conclusion{Headline: "PASS: b against a", Report: "r/report.html"})
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	p.Wait(`document.getElementById("state").textContent === "PASS: b against a"`)
	p.Wait(`document.getElementById("counts").textContent === "The report: r/report.html"`)
	for _, text := range p.Errors() {
		t.Errorf("the page complained: %s", text)
	}
	for _, url := range p.Requests() {
		if url != s.URL() && url != s.URL()+"events" && url != s.URL()+"favicon.ico" {
			t.Errorf("the page asked for %s", url)
		}
	}
}
