package github

import (
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/bench/verdict"
)

// A reason cannot end its annotation, begin another, or change its title.
func TestAnnotations(t *testing.T) {
	for _, c := range []struct {
		what    string
		d       verdict.Decision
		reasons []string
		want    string
	}{
		{"nothing to say", verdict.Pass, []string{"token P95 is x1.00"}, ""},
		{"nothing compared", "", nil, ""},
		{"a regression", verdict.Regression, []string{"a", "b"},
			"::error title=oauthbench%3A regression::a\n::error title=oauthbench%3A regression::b\n"},
		{"undecided", verdict.Inconclusive, []string{"5 % of, all: it"},
			"::warning title=oauthbench%3A inconclusive::5 %25 of, all: it\n"},
		{"lines", verdict.Invalid, []string{"a\r\n::error::b"},
			"::warning title=oauthbench%3A invalid::a?%0A: :error::b\n"},
	} {
		if got := annotations(Of(c.d, c.reasons)); got != c.want {
			t.Errorf("%s: %q; want %q", c.what, got, c.want)
		}
	}
	many := annotations(Of(verdict.Regression, strings.Split(strings.Repeat("why ", 30), " ")))
	if n := strings.Count(many, "\n"); n != maxAnnotations || !strings.Contains(many, "and 22 more") {
		t.Errorf("%d annotations of 31; want %d:\n%s", n, maxAnnotations, many)
	}
}

// Of two candidates each has its own decision: the undecided one is a warning beside the other's error.
func TestAnnotationsOfSeveral(t *testing.T) {
	got := annotations([]Reason{{verdict.Regression, "a: slower"}, {verdict.Pass, "b: fine"},
		{verdict.Inconclusive, "c: too noisy"}, {verdict.Failed, "d: wrong as before"}})
	want := "::error title=oauthbench%3A regression::a: slower\n" +
		"::warning title=oauthbench%3A inconclusive::c: too noisy\n" +
		"::error title=oauthbench%3A failed::d: wrong as before\n"
	if got != want {
		t.Errorf("%q; want %q", got, want)
	}
}
