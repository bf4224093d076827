package oauth

import (
	"context"
	"sync"
	"time"
)

// KeyRing is the server's published keys: as they were at first, and as they are now, for
// a server may take another key into use while a load runs. Safe for concurrent use.
type KeyRing struct {
	First Keys // as they were at first

	mu     sync.Mutex
	newest Keys
	read   time.Time
}

// freshKeys is how long keys are new enough: one token after another that none of them
// signed must not ask for the set each time.
const freshKeys = time.Second

// Renew returns the keys as they are now, by read.
func (k *KeyRing) Renew(ctx context.Context, read func(context.Context) (Keys, error)) (Keys, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.read.IsZero() && time.Since(k.read) < freshKeys {
		return k.newest, nil
	}
	newest, err := read(ctx)
	if err != nil {
		return Keys{}, err
	}
	k.newest, k.read = newest, time.Now()
	return newest, nil
}
