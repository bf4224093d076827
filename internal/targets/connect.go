package targets

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"syscall"
	"time"
)

// connectTimeout bounds one attempt to connect.
const connectTimeout = 2 * time.Second

// comeBack is how long a server that others run may take to be there again: they may have
// something that starts it anew.
const comeBack = 10 * time.Second

// refusesConnections tells that nothing listens any more where a server was, "" while
// something does. One that is slow to accept is not gone.
func refusesConnections(ctx context.Context, address string, instead map[string]string) string {
	if err := dial(ctx, address, instead); errors.Is(err, syscall.ECONNREFUSED) {
		return "it refuses connections: " + err.Error()
	}
	return ""
}

// awaitConnection waits while a server refuses connections.
func awaitConnection(ctx context.Context, address string, instead map[string]string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, comeBack, fmt.Errorf("it was not there again within %v", comeBack))
	defer cancel()
	for {
		why := refusesConnections(ctx, address, instead)
		if why == "" {
			return context.Cause(ctx)
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("%w: %s", context.Cause(ctx), why)
		}
	}
}

// dial makes a connection to the host of an address, or to where connections to it go
// instead, and ends it.
func dial(ctx context.Context, address string, instead map[string]string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	port := u.Port()
	if port == "" {
		port = "443"
		if u.Scheme == "http" {
			port = "80"
		}
	}
	host := net.JoinHostPort(u.Hostname(), port)
	d := net.Dialer{Timeout: connectTimeout}
	c, err := d.DialContext(ctx, "tcp", cmp.Or(instead[host], host))
	if err != nil {
		return err
	}
	return c.Close()
}
