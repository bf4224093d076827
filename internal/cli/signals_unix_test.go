//go:build unix

package cli

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"testing"
)

// A terminal that is closed ends a run as ^C and SIGTERM do, unless nohup wants it to go on.
func TestSignalsThatInterrupt(t *testing.T) {
	send := func(s syscall.Signal) {
		t.Helper()
		if err := syscall.Kill(os.Getpid(), s); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		ctx, stop := interruptible()
		send(s)
		<-ctx.Done()
		if cause := context.Cause(ctx); !errors.Is(cause, errInterrupted) {
			t.Errorf("%v: cause %v; want %v", s, cause, errInterrupted)
		}
		stop()
	}
	signal.Ignore(syscall.SIGHUP) // as nohup does
	defer heedHangup()
	ctx, stop := interruptible()
	defer stop()
	send(syscall.SIGHUP) // The kernel drops it before Kill returns.
	if ctx.Err() != nil {
		t.Error("SIGHUP ended a run of nohup")
	}
}
