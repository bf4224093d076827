package session

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/targets"
)

// What can be decided about servers that warm up grows with the budget, and nothing is said of
// others.
func TestDecidable(t *testing.T) {
	at := func(warm, budget time.Duration, given bool) string {
		return decidable(map[bench.Role]targets.Target{
			bench.Baseline: {Text: "old", WarmUp: warm}, bench.Candidate: {Text: "new", WarmUp: warm},
		}, plan.Profile{Name: "p", Budget: budget, Rule: verdict.Profile{Looks: []int{8}}}, given)
	}
	if words := at(0, time.Hour, true); words != "" {
		t.Errorf("of servers that are at their speed at once: %q", words)
	}
	for budget, want := range map[time.Duration]string{
		2 * time.Minute: "the burn-in will tell", 10 * time.Minute: "3 fit into 10m0s (p), of the 8 that it needs",
		35 * time.Minute: "15 %", 70 * time.Minute: "10 %",
	} {
		words := at(time.Minute, budget, true)
		if !strings.Contains(words, want) || !strings.Contains(words, "old and new") {
			t.Errorf("%v: %q; want old and new, and %q", budget, words, want)
		}
	}
	if words := at(time.Minute, 10*time.Minute, false); !strings.Contains(words, "stretched to about 25m0s for 8") {
		t.Errorf("a profile's own budget: %q; want that it is stretched for 8 pairs", words)
	}
	if words := at(time.Minute, 2*time.Minute, false); !strings.Contains(words, "for 3: enough to tell a change of") {
		t.Errorf("a small one: %q; want that six times as much is enough for 3 pairs", words)
	}
}

// A budget that servers which warm up surely overdraw is refused before they are started; one that they may keep, or
// that grows, is not, nor is any for servers that are at their speed at once.
func TestBudgetBelowAllWarmUpsIsRefusedAtOnce(t *testing.T) {
	for _, profile := range plan.Profiles {
		p := tokenPlan(plan.Compare, "")
		p.Profile = profile.Name
		pairs := time.Duration(profile.Rule.Looks[0])
		for warm, refused := range map[time.Duration]map[time.Duration]bool{
			0:           {time.Minute: false},
			time.Minute: {0: false, pairs*time.Minute - time.Second: true, pairs * time.Minute: false},
		} {
			for budget, want := range refused {
				p.Budget = budget
				err := WarmInTime([]targets.Target{{Text: "old", WarmUp: warm}, {Text: "new", WarmUp: warm}}, p)
				if (err != nil) != want {
					t.Errorf("%s, warm-up %v, budget %v: %v; want it refused: %v", profile.Name, warm, budget, err,
						want)
				}
			}
		}
	}
	started := false
	start := func(context.Context, func(string)) (*targets.Deployment, error) {
		started = true
		return nil, errors.New("started")
	}
	p := tokenPlan(plan.Compare, filepath.Join(t.TempDir(), "r"))
	p.Budget = 3 * time.Minute
	jvm := targets.Target{Text: "jvm", WarmUp: time.Minute, Start: start}
	_, err := Run(t.Context(), Request{Plan: p, Observer: &watched{},
		Targets: map[bench.Role]targets.Target{bench.Baseline: jvm, bench.Candidate: jvm}})
	if _, usage := errors.AsType[*targets.UsageError](err); !usage || started {
		t.Errorf("%v, started: %v; want it refused before the start", err, started)
	}
}

// Two products are told with what they do not share; two versions of one are not.
func TestTwoProducts(t *testing.T) {
	side := func(server string, settings map[string]string) *targets.Deployment {
		return &targets.Deployment{Identity: bench.Deployment{Server: server, Settings: settings}}
	}
	a := map[string]string{"hasher": "bcrypt", "access_ttl": "1h", "db.fsync": "on"}
	b := map[string]string{"hasher": "none", "access_ttl": "1h", "db.fsync": "off", "sessions": "persistent"}
	for other, want := range map[string]int{"one": 0, "two": 1} {
		s := &servers{observer: &watched{}, deployments: map[bench.Role]*targets.Deployment{
			bench.Baseline: side("one", a), bench.Candidate: side(other, b)}}
		s.tellProducts()
		if len(s.notes) != want {
			t.Fatalf("one and %s: notes %q; want %d", other, s.notes, want)
		}
		if want == 0 {
			continue
		}
		for _, says := range []string{"hasher bcrypt against none", "sessions untold against persistent"} {
			if !strings.Contains(s.notes[0], says) {
				t.Errorf("%q lacks %q", s.notes[0], says)
			}
		}
		for _, silent := range []string{"access_ttl", "fsync"} {
			if strings.Contains(s.notes[0], silent) {
				t.Errorf("%q tells of %s", s.notes[0], silent)
			}
		}
	}
	alone := &servers{observer: &watched{},
		deployments: map[bench.Role]*targets.Deployment{bench.Candidate: side("one", a)}}
	if alone.tellProducts(); len(alone.notes) > 0 {
		t.Errorf("of one server: %q", alone.notes)
	}
}
