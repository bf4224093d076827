package scenarios

import (
	"errors"
	"fmt"
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

// Whatever a load asks of a server that keeps few tokens, it ends measured with nothing wrong or refused for what
// is kept; also where no closed loop was before it, and whether the server counts by client or all together.
func TestNoLoadConvictsAServerThatKeepsFewTokens(t *testing.T) {
	loads := []string{"token", "token introspect", "introspect revoke", "token revoke", "token introspect revoke"}
	for _, names := range loads {
		for _, keeps := range []int{3, 150, 400} {
			for _, rate := range []float64{2, 40} {
				for _, kind := range []string{"guest", "own", "own, counted together"} {
					t.Run(fmt.Sprintf("%s, %d kept, %g/s, %s", names, keeps, rate, kind), func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) {
							s := newFakeServer()
							s.keeps, s.keptOfAll, s.lacks = keeps, kind != "own", noUsers
							var reached reachedServer = s
							p := Defaults()
							if p.Clients = 3; kind == "guest" {
								reached, p.Clients = guestServer{s}, 1
							}
							measuredOrTooMany(t, reached, p, rate, strings.Fields(names))
						})
					})
				}
			}
		}
	}
}

func measuredOrTooMany(t *testing.T, s reachedServer, p Parameters, rate float64, names []string) {
	t.Helper()
	client, set := opened(t, s, p, 4, names...)
	load := bench.Load{Process: "poisson", Length: 20 * time.Second, Timeout: time.Second, Workers: 16}
	for _, name := range names {
		load.Streams = append(load.Streams, bench.Stream{Scenario: name, Rate: rate})
	}
	got, err := trialOf(t, client, set, load)
	many, refused := errors.AsType[*generator.TooManyError](err)
	if refused {
		if few, ok := errors.AsType[*fewKept](err); !ok || few.kept >= few.needed {
			t.Errorf("%v; want it refused for what is kept", many)
		}
		return
	}
	if err != nil || got.Unverified != "" {
		t.Fatal(err, got.Unverified)
	}
	for _, m := range got.Measurements {
		if m.Outcomes.Failed() > 0 {
			t.Errorf("%s: %v; want a right server to be found right", m.Operation, m.Cases)
		}
	}
}

// Tokens that end by themselves, are lost with the memory of a server that restarts, or are called inactive now and
// then, are no sign of a server that keeps few, and count.
func TestLostTokensAreNotTakenForFewKept(t *testing.T) {
	for name, plant := range map[string]func(s *fakeServer){
		"short lives": func(s *fakeServer) {
			s.fault = func(path string, form url.Values, tok *fakeToken) (int, string, bool) {
				short := path == "/introspect" && tok != nil && time.Until(tok.expires) < time.Hour-5*time.Second
				return 200, `{"active":false}`, short
			}
		},
		"a restart": func(s *fakeServer) {
			began := time.Now()
			lost := map[*fakeToken]bool{}
			s.fault = func(path string, form url.Values, tok *fakeToken) (int, string, bool) {
				if at := time.Since(began); at > 30*time.Second && len(lost) == 0 {
					for _, t := range s.tokens {
						lost[t] = true
					}
				}
				return 200, `{"active":false}`, path == "/introspect" && lost[tok]
			}
		},
		"one answer in three": func(s *fakeServer) {
			asked := 0
			s.fault = func(path string, form url.Values, tok *fakeToken) (int, string, bool) {
				asked++
				return 200, `{"active":false}`, path == "/introspect" && asked > 1000 && asked%3 == 0
			}
		},
	} {
		for _, names := range []string{"token", "token introspect"} {
			t.Run(name+", "+names, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newFakeServer()
					s.lacks = noUsers
					plant(s)
					client, set := opened(t, guestServer{s}, Defaults(), 4, strings.Fields(names)...)
					load := bench.Load{Process: "poisson", Length: 60 * time.Second, Timeout: time.Second, Workers: 16}
					for _, name := range strings.Fields(names) {
						load.Streams = append(load.Streams, bench.Stream{Scenario: name, Rate: 20})
					}
					got, err := trialOf(t, client, set, load)
					if err != nil {
						t.Fatal(err)
					}
					wrong := int64(0)
					for _, m := range got.Measurements {
						wrong += m.Outcomes.Invalid
					}
					if wrong == 0 {
						t.Errorf("nothing was wrong (%v); want the tokens to count", got.Notes)
					}
				})
			})
		}
	}
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

// Whether a token that was called inactive is dead is asked once more after a pause, and at a server that keeps few in
// one load of a run alone: each window of a burn-in would wait for it.
func TestAServerThatKeepsFewIsWaitedForOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFakeServer()
		s.keeps = 100
		p := Defaults()
		p.PrepareRate = 0
		client, set := opened(t, s, p, 4, "token")
		side := experiment.Side{Deployment: "fake", Client: client, Prepare: set.Prepare,
			Spent: func() bench.Spending { return bench.Spending{} }}
		var later time.Duration // all windows but the first
		for window := range 4 {
			began := time.Now()
			if err := side.Burn(t.Context(), []bench.Stream{{Scenario: "token", Rate: 1}}, 4, 500, time.Second,
				uint64(window)); err != nil {
				t.Fatal(err)
			}
			if window > 0 {
				later += time.Since(began)
			}
		}
		// A token that is about as old as the oldest that is kept may be asked about again, now and then.
		if later >= 2*untilAskedAgain {
			t.Errorf("the windows after the first took %v; want one pause of %v at most", later, untilAskedAgain)
		}
		if f := set.book.Take().Flaws; len(f) > 0 {
			t.Errorf("flaws %v", f)
		}
	})
}
