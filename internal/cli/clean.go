package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/oauthbench/oauthbench/containers"
	"github.com/oauthbench/oauthbench/internal/owner"
	"github.com/oauthbench/oauthbench/internal/targets"
	"github.com/oauthbench/oauthbench/internal/terminal"
)

func cleanCommand() *cobra.Command {
	var running bool
	cmd := &cobra.Command{
		Use:   "clean",
		Short: "Remove what a killed run left",
		Long: `Clean removes the containers, networks and volumes of runs whose program is gone,
images of the reference server that earlier builds of oauthbench made, and temporary
directories of embedded servers. Only what bears oauthbench's labels and names is
touched. A program is gone when nobody has its process number in this PID namespace:
what may belong to one that runs is kept and named.`,
		Example: `  oauthbench clean
  oauthbench clean --running`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			folders, sweepErr := owner.SweepTemp()
			removed, err := containers.Clean(cmd.Context(), running)
			out := cmd.OutOrStdout()
			for _, kind := range []struct {
				name  string
				names []string
			}{{"container", removed.Containers}, {"network", removed.Networks}, {"volume", removed.Volumes},
				{"image", removed.Images}, {"directory", folders}} {
				for _, n := range kind.names {
					terminal.Fprintf(out, "removed %s %s\n", kind.name, n)
				}
			}
			for _, k := range removed.Kept {
				terminal.Fprintf(out, "kept %s (--running removes it too)\n", k)
			}
			if err := errors.Join(sweepErr, err); err != nil {
				return &targets.StartError{Err: err}
			}
			if len(removed.Containers)+len(removed.Networks)+len(removed.Volumes)+len(removed.Images)+len(folders)+
				len(removed.Kept) == 0 {
				fmt.Fprintln(out, "nothing to remove")
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&running, "running", false, "also remove what belongs to programs that still run")
	return cmd
}
