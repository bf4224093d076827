package cli

import (
	"text/tabwriter"

	"github.com/spf13/cobra"

	"oauthbench/containers"
	"oauthbench/internal/exitcode"
	"oauthbench/internal/terminal"
)

func doctorCommand() *cobra.Command {
	var registry string
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
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			code := exitcode.Pass
			for _, c := range containers.Doctor(cmd.Context(), o) {
				terminal.Fprintf(w, "%s\t%s\t%s\n", c.Verdict, c.Name, c.Found)
				if c.Meaning != "" {
					terminal.Fprintf(w, "\t\t%s\n", c.Meaning)
				}
				if c.Verdict == containers.Failed {
					code = exitcode.NoTarget
				}
			}
			if err := w.Flush(); err != nil {
				return err
			}
			return exitcode.With(code)
		},
	}
	cmd.Flags().StringVar(&registry, "registry", "", "mirror that images come from, put before their names")
	return cmd
}
