package stack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/testcontainers/testcontainers-go/wait"
)

// readyInterval is how often readiness is asked for.
const readyInterval = 50 * time.Millisecond

// answering waits until ask succeeds, and no longer than the container runs.
//
// Note: testcontainers' own strategies go to the host that it finds for the engine.
// Inside a container that is the bridge's gateway, where nothing is published:
// everything of ours is on 127.0.0.1 alone.
type answering struct {
	ask func(context.Context) error
}

// WaitUntilReady implements wait.Strategy. Its error is the context's, joined with
// the last answer's, or tells the code with which the container ended.
func (a answering) WaitUntilReady(ctx context.Context, target wait.StrategyTarget) error {
	tick := time.NewTicker(readyInterval)
	defer tick.Stop()
	for {
		state, err := target.State(ctx)
		if err != nil {
			return err
		}
		if state.Status == container.StateExited || state.Status == container.StateDead {
			return fmt.Errorf("it ended with code %d", state.ExitCode)
		}
		if err = a.ask(ctx); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("not ready: %w", ctx.Err()), err)
		case <-tick.C:
		}
	}
}

// healthy asks a health endpoint, which answers 200 when the server is ready.
func healthy(url string) answering {
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	return answering{func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("%s answered %s", url, resp.Status)
		}
		return nil
	}}
}
