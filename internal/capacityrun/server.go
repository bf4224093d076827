package capacityrun

import (
	"context"
	"fmt"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/capacity"
	"github.com/oauthbench/oauthbench/bench/capacity/searches"
	"github.com/oauthbench/oauthbench/bench/experiment"
	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/internal/session"
	"github.com/oauthbench/oauthbench/scenarios"
)

// server runs trials on the deployments of a run.
type server struct {
	chosen   *session.Chosen
	rule     searches.Rule
	progress *experiment.Progress
}

// givenUp is the cause of a trial that was ended early.
type givenUp struct{ why string }

func (g *givenUp) Error() string { return g.why }

// lookEvery is how often a trial is looked at while it runs.
const lookEvery = 100 * time.Millisecond

func (s *server) Trial(ctx context.Context, slot bench.Slot, o searches.Order) (bench.Trial, error) {
	load := s.chosen.Load(o.Rate, o.Length)
	s.progress.For(purpose(o))
	h := newHopeless(s.rule.Limits, offers(load), load.LeadIn, o.Length, load.Timeout)
	running, giveUp := context.WithCancelCause(ctx)
	defer giveUp(nil)
	var trial bench.Trial
	stored := false
	e := experiment.Experiment{
		Loads: []bench.Load{load}, Sides: s.chosen.Sides(), Settle: s.chosen.Settle(), KeepPartial: true,
		Watch: h.watch, Progress: s.progress,
		Store: func(t bench.Trial) error { trial, stored = t, true; return nil },
	}
	done := make(chan struct{})
	watching := make(chan struct{})
	go func() {
		defer close(watching)
		s.look(done, h, giveUp)
	}()
	err := e.Run(running, []bench.Slot{slot})
	close(done)
	<-watching
	if gave, ok := context.Cause(running).(*givenUp); ok && stored && ctx.Err() == nil {
		trial.Search = &bench.SearchStep{GaveUp: gave.why}
		return trial, nil
	}
	if err != nil && o.Phase == searches.Control && ctx.Err() == nil {
		// A server that cannot even be asked has not come back.
		return bench.Trial{
			Slot: slot, Deployment: s.chosen.Sides()[slot.Role].Deployment, Load: load, Started: time.Now(),
			Warnings: []string{err.Error()},
		}, nil
	}
	return trial, err
}

// purpose says what a trial is for.
func purpose(o searches.Order) string {
	words := map[string]string{
		searches.Control: "control trial", string(capacity.Ramp): "ramp", string(capacity.Bisect): "halving",
		string(capacity.Confirm): "confirmation", string(capacity.Soak): "soak",
	}
	return words[o.Phase] + " at " + rate(o.Rate)
}

// look gives a trial up once it has failed beyond doubt.
func (s *server) look(done <-chan struct{}, h *hopeless, giveUp context.CancelCauseFunc) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-done:
			return
		case <-ticker.C:
			now := s.progress.Now()
			if now.Stage != "measuring" {
				continue
			}
			if why := h.why(time.Since(now.Since)); why != "" {
				giveUp(&givenUp{why})
				return
			}
		}
	}
}

// offers are the rates of the operations of a load.
func offers(load bench.Load) []offered {
	var all []offered
	for _, stream := range load.Streams {
		for _, operation := range scenarios.Operations([]string{stream.Scenario}) {
			all = append(all, offered{operation, stream.Rate * scenarios.Share(stream.Scenario, operation)})
		}
	}
	return all
}

func (s *server) Restart(ctx context.Context, role bench.Role) error {
	s.chosen.Say("%s: a fresh start", s.chosen.Sides()[role].Deployment)
	// A second of what it carries brings its connections and caches up.
	return s.chosen.Restart(ctx, role, max(int(s.rule.Sides[role].Estimate), 1))
}

func (s *server) Wait(ctx context.Context, d time.Duration) error { return generator.Pause(ctx, d) }

func (s *server) Now() time.Time { return time.Now() }

// rate writes requests per second.
func rate(perSecond float64) string { return fmt.Sprintf("%.4g/s", perSecond) }
