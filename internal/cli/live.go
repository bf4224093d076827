package cli

import "github.com/spf13/cobra"

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
