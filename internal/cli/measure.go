package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"oauthbench/bench/verdict/runs"
	"oauthbench/internal/plan"
	"oauthbench/internal/session"
	"oauthbench/internal/targets"
	"oauthbench/internal/version"
	"oauthbench/internal/watch"
)

// measure measures what the plan says, stores it, and shows it on stderr while it goes,
// and to browsers at an address unless that is "".
func measure(ctx context.Context, p plan.Plan, address string, stderr io.Writer) (*session.Result, error) {
	p, extended, err := session.Extended(p)
	if err != nil {
		return nil, err
	}
	return measureWith(p, address, stderr, func(r session.Request) (*session.Result, error) {
		r.ShouldStop, r.Extend = runs.ShouldStop, extended
		return session.Run(ctx, r)
	})
}

// measureWith is measure with a run of any kind.
func measureWith(
	p plan.Plan, address string, stderr io.Writer, run func(session.Request) (*session.Result, error),
) (*session.Result, error) {
	asked, err := targets.OfPlan(p)
	if err != nil {
		return nil, err
	}
	watcher, hide, err := watch.New(stderr, address)
	if err != nil {
		return nil, err
	}
	defer hide()
	return run(session.Request{Plan: p, Targets: asked, Tool: version.Read().String(), Observer: watcher})
}

// addLive gives a command --live. It is no key of a plan: it changes nothing that is
// measured, so that it is not stored either.
func addLive(cmd *cobra.Command) {
	cmd.Flags().String("live", "", "show the run to browsers on this machine, at `ADDRESS` or a free port")
	cmd.Flags().Lookup("live").NoOptDefVal = "127.0.0.1:0"
}

func liveAddress(cmd *cobra.Command) string {
	address, _ := cmd.Flags().GetString("live") // addLive has made it
	return address
}
