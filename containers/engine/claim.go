package engine

import (
	"context"
	"fmt"

	"github.com/moby/moby/client"
)

// roleClaim is that of a volume with nothing in it, whose label tells who goes on with a run.
const roleClaim = "claim"

// Claim tells that this process goes on with a run that another one has begun: nothing of the run is left over
// while it lives. Labels of what is there cannot be changed, so that it makes one thing more, which
// goes with the rest of the stack.
func (e *Engine) Claim(ctx context.Context, m Mark) error {
	_, err := e.Client.VolumeCreate(ctx, client.VolumeCreateOptions{Name: m.Name(roleClaim),
		Labels: m.Labels(roleClaim)})
	if err != nil {
		return fmt.Errorf("claim run %s: %w", m.Run, err)
	}
	return nil
}
