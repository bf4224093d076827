package scenarios

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/experiment"
	"github.com/oauthbench/oauthbench/bench/generator"
)

// A server that keeps the newest tokens alone, as one with a cache of some hundreds in memory does, is measured
// by a load that needs no more of them, whatever the closed loop before it would have needed. A load that needs
// more is refused before its first request.
func TestServerThatKeepsFewTokensIsMeasuredWithinThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFakeServer()
		s.keeps = 600
		s.delay = func(time.Time) time.Duration { return 4 * time.Millisecond }
		client, set := opened(t, s, Defaults(), 4, "token", "introspect", "revoke")
		load := bench.Load{Process: "poisson", Length: 20 * time.Second, Timeout: time.Second, Workers: 16}
		at := func(rate float64) {
			load.Streams = nil
			for _, name := range []string{"token", "introspect", "revoke"} {
				load.Streams = append(load.Streams, bench.Stream{Scenario: name, Rate: rate})
			}
		}
		side := experiment.Side{Deployment: "fake", Client: client, Prepare: set.Prepare,
			Spent: func() bench.Spending { return bench.Spending{} }}
		at(4)
		pilot, err := side.FindCapacity(t.Context(), load.Streams, 16, experiment.PilotLength, time.Second, 1)
		if err != nil || pilot.Completed < 300 || pilot.Completed > 900 {
			t.Fatalf("a closed loop of %d requests, %v; want as many as 600 tokens are enough for", pilot.Completed,
				err)
		}
		for range 12 { // of 80 tokens each: more than are kept in all
			got, err := trialOf(t, client, set, load)
			if err != nil || got.Unverified != "" {
				t.Fatal(err, got.Unverified)
			}
			for _, m := range got.Measurements {
				if m.Outcomes.Failed() > 0 {
					t.Fatalf("%s: %v; want a right server to be found right", m.Operation, m.Cases)
				}
			}
		}
		at(40)
		before := s.issued
		_, err = trialOf(t, client, set, load)
		if _, ok := errors.AsType[*generator.TooManyError](err); !ok ||
			!strings.Contains(err.Error(), "about the newest ") {
			t.Errorf("40/s of each: %v; want it refused for the tokens that the server keeps", err)
		}
		if s.issued != before {
			t.Errorf("%d tokens were asked for before that was said", s.issued-before)
		}
	})
}

// Live tokens that ended in a closed loop that was granted many are minted anew; those that ended without one are
// for the trial to find.
func TestTokensThatEndedInAClosedLoopAreMintedAnew(t *testing.T) {
	for loop, wrong := range map[string]bool{"token": false, "introspect": true} {
		synctest.Test(t, func(t *testing.T) {
			s := newFakeServer()
			client, set := opened(t, s, Defaults(), 4, "token", "introspect")
			side := experiment.Side{Deployment: "fake", Client: client, Prepare: set.Prepare,
				Spent: func() bench.Spending { return bench.Spending{} }}
			if err := side.Burn(t.Context(), []bench.Stream{{Scenario: loop, Rate: 1}}, 4, 200, time.Second,
				1); err != nil {
				t.Fatal(err)
			}
			clear(s.tokens)
			got, err := trialOf(t, client, set, bench.Load{Process: "poisson", Length: 4 * time.Second,
				Timeout: time.Second, Workers: 4, Streams: []bench.Stream{{Scenario: "introspect", Rate: 20}}})
			if err != nil {
				t.Fatal(err)
			}
			if m := got.Measurement("introspect"); (m.Outcomes.Invalid > 0) != wrong {
				t.Errorf("after a closed loop of %s: %v; want wrong answers: %v", loop, m.Cases, wrong)
			}
		})
	}
}

// What is dead for good after a closed loop is not held against a server, and what is alive again is: it was called
// inactive while it lived.
func TestDeathsInAClosedLoopAreLookedAtAgain(t *testing.T) {
	for _, c := range []struct {
		name    string
		forGood bool
		want    []bench.Flaw
	}{
		{"ended", true, nil},
		{"alive again", false,
			[]bench.Flaw{{Check: bench.BeforeTrials, Operation: "introspect", What: caseActiveInactive}}},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newFakeServer()
			p := Defaults()
			p.States = map[string]float64{stateActive: 1}
			client, set := opened(t, s, p, 1, "introspect")
			asked := 0
			s.fault = func(path string, _ url.Values, tok *fakeToken) (int, string, bool) {
				asked++
				return 200, `{"active":false}`, path == "/introspect" && (c.forGood || asked <= 48)
			}
			side := experiment.Side{Deployment: "fake", Client: client, Prepare: set.Prepare,
				Spent: func() bench.Spending { return bench.Spending{} }}
			if err := side.Burn(t.Context(), []bench.Stream{{Scenario: "introspect", Rate: 1}}, 4, 48, time.Second,
				1); err != nil {
				t.Fatal(err)
			}
			if got := set.book.Take().Flaws; !slices.Equal(got, c.want) {
				t.Errorf("%s: %v; want %v", c.name, got, c.want)
			}
		})
	}
}
