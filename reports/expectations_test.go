package reports

import (
	"slices"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/reports/internal/fixture"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

func TestExpectations(t *testing.T) {
	s := summary.Of(fixture.WithExpectations())
	got := summary.Expectations(s)
	if len(got) != 2 {
		t.Fatalf("%d cases; want 2", len(got))
	}
	// Five pairs count.
	for state, want := range map[string][]summary.ExpectedSide{
		"revoked":     {{Words: "500 of 500"}, {Words: "490 of 500", Wrong: "10 invalid"}},
		"expired <b>": {{Words: "25 of 25"}, {Words: units.None}},
	} {
		i := slices.IndexFunc(got, func(e summary.Expectation) bool { return e.State == state })
		if i < 0 || !slices.Equal(got[i].Sides, want) {
			t.Errorf("%s: %v; want %v", state, got, want)
		}
	}
	seen := map[string][]string{}
	for _, o := range summary.Observations(s) {
		seen[o.Name] = o.Values
	}
	if !slices.Equal(seen["tokens watched"], []string{"35", "35"}) ||
		!slices.Equal(seen["revocation lag, longest"], []string{"3.00 ms", "3.00 ms"}) {
		t.Errorf("observed %v", seen)
	}
	if got := seen["refresh chains killed per 1,000"]; !slices.Equal(got, []string{"37.5", "37.5"}) {
		t.Errorf("three of eighty chains killed: %v per 1,000; want 37.5", got)
	}
	for _, format := range []string{"text", "markdown"} {
		if text := string(write(t, format, fixture.WithExpectations())); !strings.Contains(text,
			"revocation lag, P99") {
			t.Errorf("%s does not show what was seen beside the answers", format)
		}
	}
	page := string(write(t, "html", fixture.WithExpectations()))
	for _, want := range []string{"RFC 7662 section 2.2", "490 of 500", "10 invalid", "expired &lt;b&gt;",
		"tokens watched"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(string(write(t, "html", fixture.UsualReport())), `id="expectations"`) {
		t.Error("a matrix without cases is shown")
	}
}
