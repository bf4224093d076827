package cli

import (
	"github.com/spf13/cobra"

	"github.com/oauthbench/oauthbench/containers"
	"github.com/oauthbench/oauthbench/internal/answer"
	"github.com/oauthbench/oauthbench/internal/catalogue"
	"github.com/oauthbench/oauthbench/internal/exitcode"
)

func doctorCommand() *cobra.Command {
	var registry string
	var format *string
	cmd := &cobra.Command{
		Use:   "doctor [TARGET ...]",
		Short: "Check whether this machine can start and measure containers",
		Long: `Doctor checks the container engine, its API, the images of the targets that are named,
ports, CPUs, limits, clock and disk, and says what each failure means. It changes
nothing. Exit codes: 0 all is well; 4 containers cannot be started.`,
		Example: `  oauthbench doctor
  oauthbench doctor hydra:v1.11.10 hydra:v2.3.0`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o := containers.DoctorOptions{Registry: registry}
			for _, text := range args {
				spec, err := containers.ParseSpec(text)
				if err != nil {
					return err
				}
				o.Targets = append(o.Targets, spec)
			}
			found := catalogue.Checks(containers.Doctor(cmd.Context(), o))
			if err := answer.PrintList(cmd.OutOrStdout(), found, *format); err != nil || !found.Failed() {
				return err
			}
			return exitcode.With(exitcode.NoTarget)
		},
	}
	format = addFormat(cmd, answer.ListFormats)
	cmd.Flags().StringVar(&registry, "registry", "", "mirror that images come from, put before their names")
	return cmd
}
