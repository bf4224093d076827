package generator

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/oauthbench/oauthbench/bench/http1"
)

// counted counts the connections of net/http's transport, which does not; without TLS,
// of which its dial function sees nothing.
type counted struct {
	mu   sync.Mutex
	seen http1.Connects
}

type dialFunc = func(ctx context.Context, network, addr string) (net.Conn, error)

func (c *counted) count(dial dialFunc) dialFunc {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		began := time.Now()
		conn, err := dial(ctx, network, addr)
		took := time.Since(began)
		c.mu.Lock()
		defer c.mu.Unlock()
		if err != nil {
			c.seen.Failed++
			return nil, err
		}
		c.seen.Made++
		c.seen.Total += took
		c.seen.Peak = max(c.seen.Peak, took)
		return conn, nil
	}
}

func (c *counted) take() http1.Connects {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := c.seen
	c.seen = http1.Connects{}
	return seen
}
