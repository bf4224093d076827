//go:build !linux

package faults

import (
	"context"
	"time"
)

// waitExactly waits for d, or until ctx ends, as exactly as the runtime's timers do.
func waitExactly(ctx context.Context, d time.Duration) { pause(ctx, d) }
