package experiment

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
)

// withoutPort fails as a dial does where no port is left.
type withoutPort struct{}

func (withoutPort) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.EADDRNOTAVAIL)}
}

// A closed loop whose requests did not leave this machine is no capacity of the server, and what was asked
// off the clock and did not leave is no fault of the server either.
func TestOwnLimitsAreNamed(t *testing.T) {
	const want = "this machine ran out of ports for new connections (net.ipv4.ip_local_port_range), which is no " +
		"fault of the server"
	dial := fmt.Errorf("mint tokens: %w", &net.OpError{Op: "dial", Err: os.NewSyscallError("connect",
		syscall.EADDRNOTAVAIL)})
	for what, refused := range map[string]error{"under load": nil, "while preparing": dial} {
		synctest.Test(t, func(t *testing.T) {
			asked := false
			side := Side{Deployment: "server", Client: generator.NewClientTransport(time.Minute, withoutPort{}),
				Prepare: func(context.Context, bench.Load, bench.Schedule, uint64) (generator.Workload, error) {
					return workload{}, refused
				},
				Spent: func() bench.Spending { return bench.Spending{} },
				Causes: func() []bench.Cause {
					asked = true
					return nil
				},
			}
			mix := []bench.Stream{{Scenario: "token", Rate: 1}}
			_, err := side.FindCapacity(t.Context(), mix, 2, PilotLength, time.Second, 1)
			if _, own := errors.AsType[*OwnLimitError](err); !own || !strings.HasPrefix(err.Error(), want) || asked {
				t.Errorf("%s: %v, causes asked for %v; want %q", what, err, asked, want)
			}
		})
	}
	if err := errors.New("cannot assign requested address"); OwnLimit(err) != err {
		t.Error("what a server says is taken for a limit of this machine")
	}
}

// What cannot be prepared has the causes that the server's parts tell before it.
func TestErrorsBeginWithTheirCause(t *testing.T) {
	side := Side{Deployment: "server", Causes: func() []bench.Cause {
		return []bench.Cause{{Part: "database", Ailment: bench.DiskFull, Log: "PANIC"}}
	}}
	refused := errors.New("prepare server: answered 500")
	const want = `the database's disk is full; the last line of its log is "PANIC": prepare server: answered 500`
	if got := side.Because(t.Context(), refused); got.Error() != want || !errors.Is(got, refused) {
		t.Errorf("%v; want %s", got, want)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if got := side.Because(over, refused); got != refused {
		t.Errorf("interrupted: %v; want the error as it was", got)
	}
	if got := side.Because(t.Context(), nil); got != nil {
		t.Errorf("without an error: %v", got)
	}
}
