package cli

import (
	"github.com/spf13/cobra"

	"github.com/oauthbench/oauthbench/internal/answer"
	"github.com/oauthbench/oauthbench/internal/clustersize"
	"github.com/oauthbench/oauthbench/internal/exitcode"
)

func sizeCommand() *cobra.Command {
	var o clustersize.Options
	cmd := &cobra.Command{
		Use: "size DIR... --peak RATES", Short: "Say how many instances a peak needs, from stored runs",
		Long: clustersize.Help, Example: clustersize.Examples,
		RunE: func(cmd *cobra.Command, dirs []string) error {
			decision, err := o.Answer(resultOf(cmd), answer.PrintDocument, dirs)
			if err != nil {
				return err
			}
			return exitcode.With(exitcode.OfDecision(decision))
		},
	}
	o.Flags(cmd.Flags())
	addDetails(cmd)
	return cmd
}
