package cli

import (
	"github.com/spf13/cobra"

	"oauthbench/internal/live"
	"oauthbench/internal/targets"
	"oauthbench/internal/terminal"
)

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

// show serves a view until hide is called; an empty address shows nothing.
func show(address string, d *terminal.Display) (view *live.View, hide func(), err error) {
	if address == "" {
		return nil, func() {}, nil
	}
	server, err := live.Listen(address)
	if err != nil {
		return nil, nil, &targets.UsageError{Err: err}
	}
	d.Say("live: %s", server.URL())
	return server.View, func() {
		if err := server.Close(); err != nil {
			d.Warnf("stop the live view: %v", err)
		}
	}, nil
}
