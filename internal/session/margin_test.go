package session

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plan"
)

// Margins are chosen for the gates of which nobody gave one, by the noise; one that was given, and
// those that a profile has, are kept. What the run can do is said either way.
func TestChooseMargin(t *testing.T) {
	for _, c := range []struct {
		what, profile string
		given         []verdict.Margin
		deviation     float64 // of each gate's pairs
		token, revoke float64 // margins after it; 0 for none of its own
		says          string
	}{
		{"a calm machine", "ci", nil, .05, .10, .10, "certifies +10 % on this machine today"},
		{"a noisy one", "ci", nil, .4, .25, .25, "and convicts from +12.5 % on; 10 % would take about"},
		{"a margin for one operation", "ci", []verdict.Margin{{Operation: "token", Quantile: .95, Fraction: .2}}, .05,
			.20, .10, "certifies +10 %"},
		{"a margin in time for one operation", "ci", []verdict.Margin{{Operation: "token", Time: time.Millisecond}}, .4,
			0, .25, "would seldom pass on this machine today: with a chance of 4 %, at +25 % where no " +
				"margin was given"},
		{"one for all", "ci", []verdict.Margin{{Fraction: .1}}, .05, .10, .10,
			"equal versions pass with a chance of 100 %"},
		{"one for all that is too narrow", "ci", []verdict.Margin{{Fraction: .1}}, .4, .10, .10,
			"; --profile thorough (1h0m0s) would with one of"},
		{"the profile's own", "quick", nil, .05, .25, .25, "equal versions pass with a chance of 100 %"},
	} {
		w := &watched{}
		p := plan.Default(plan.Compare)
		p.Profile, p.Margins = c.profile, slices.Clone(c.given)
		s := &session{Request: Request{Plan: p, Observer: w}, profile: p.EffectiveProfile(),
			servers: newServers(w, nil)}
		load := bench.Load{LeadIn: 250 * time.Millisecond, Length: 3 * time.Second}
		var noise []verdict.Noise
		for _, operation := range []string{"token", "introspect", "revoke"} {
			g := verdict.Gate{Operation: operation, Quantile: .95}
			s.Plan.Gates = append(s.Plan.Gates, g)
			load.Streams = append(load.Streams, bench.Stream{Scenario: operation, Rate: 100})
			noise = append(noise, verdict.Noise{Operation: operation, Quantile: .95, Deviation: c.deviation,
				Requests: 275, Margin: s.Plan.Rule(s.profile).Fraction(operation, .95), Freedom: 1000})
		}
		size := plan.Size{Length: load.Length, Expected: 8 * time.Minute}
		chooseMargin(s, []bench.Load{load}, size, noise)
		rule := s.Plan.Rule(s.profile)
		token, revoke := rule.Fraction("token", .95), rule.Fraction("revoke", .95)
		if said := strings.Join(w.said, "\n"); token != c.token || revoke != c.revoke ||
			!strings.Contains(said, c.says) {
			t.Errorf("%s: margins %v and %v, said %q; want %v and %v, %q", c.what, token, revoke, said, c.token,
				c.revoke,
				c.says)
		}
		for _, m := range s.Plan.Margins {
			// What was given convicts as given; what noise chose from half of it on, and of what it was at least.
			if given := slices.Contains(c.given, m); given && m.Convicts != 0 ||
				!given && m.Convicting() != max(.1, m.Fraction/2) {
				t.Errorf("%s: a margin of %v convicts from %v", c.what, m.Fraction, m.Convicting())
			}
		}
	}
}

// Earlier runs beside a new one count for its noise when they are of the same load, servers and
// machine; others, and what is no run, do not.
func TestEarlierRunsCount(t *testing.T) {
	virtually(t, func(t *testing.T, n *network) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "a file"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(dir, "no run"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "no run", FileName), []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
		const counts = "counts the noise of 1 earlier run"
		for _, c := range []struct {
			name   string
			change func(*plan.Plan)
			counts bool
		}{
			{"first", func(*plan.Plan) {}, false},
			{"again, at another rate", func(p *plan.Plan) {
				p.Rates = map[string]plan.Rate{"": {PerSecond: 120}}
			}, true},
			{"other requests", func(p *plan.Plan) { p.Timeout = 7 * time.Second }, false},
		} {
			p := tokenPlan(plan.Compare, filepath.Join(dir, c.name))
			c.change(&p)
			r, _, _ := n.compared(p)
			if _, err := Run(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			said := strings.Join(r.Observer.(*watched).said, "\n")
			if strings.Contains(said, counts) != c.counts {
				t.Errorf("%s: said %q; want that an earlier run counts: %v", c.name, said, c.counts)
			}
		}
	})
}
