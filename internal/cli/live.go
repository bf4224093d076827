package cli

import (
	"github.com/spf13/cobra"

	"github.com/oauthbench/oauthbench/internal/metrics"
	"github.com/oauthbench/oauthbench/internal/watch"
)

// addLive gives a command --live and --metrics. They are no keys of a plan: they change nothing
// that is measured, so that they are not stored either.
func addLive(cmd *cobra.Command) {
	cmd.Flags().String("live", "", "show the run to browsers on this machine, at `ADDRESS` or a free port")
	cmd.Flags().Lookup("live").NoOptDefVal = "127.0.0.1:0"
	cmd.Flags().String("metrics", "", "serve figures to Prometheus while it runs, at `ADDRESS` or "+
		metrics.DefaultAddress)
	cmd.Flags().Lookup("metrics").NoOptDefVal = metrics.DefaultAddress
}

// showOf is how a command shows a run while it goes, by the flags that it has.
func showOf(cmd *cobra.Command) watch.Options {
	o := watch.Options{Log: cmd.ErrOrStderr()}
	o.Live, _ = cmd.Flags().GetString("live") // Of a command that has none it is "".
	o.Metrics, _ = cmd.Flags().GetString("metrics")
	o.Verbose, _ = cmd.Flags().GetBool("verbose")
	return o
}
