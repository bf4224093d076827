package cli

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"oauthbench/internal/baselines"
	"oauthbench/internal/targets"
	"oauthbench/reports"
)

func historyCommand() *cobra.Command {
	var allow []string
	cmd := &cobra.Command{
		Use:   "history DIR",
		Short: "Show the trend over stored baselines, and where it changed",
		Long: `History shows P50, P95 and P99 of each operation over the baselines in DIR, oldest
first, and names the releases at which they changed for good, fast or by slow creep
(E-divisive). Baselines that were not measured like the newest are left out.`,
		Example: `  oauthbench history baselines
  oauthbench history ci/baselines --allow hasher --allow machine`,
		Args: arguments(1, "history DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			h, err := history(args[0], allow, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			return h.Document().WriteText(cmd.OutOrStdout(), false)
		},
	}
	addAllow(cmd, &allow)
	return cmd
}

// history reads a directory. What was not measured like the newest is left out.
func history(dir string, allow []string, stderr io.Writer) (reports.History, error) {
	all, damaged, err := baselines.All(dir)
	if err != nil {
		return reports.History{}, errors.Join(append(damaged, err)...)
	}
	leftOut(stderr, damaged)
	newest := all[len(all)-1]
	now, err := targets.Fingerprint(newest.Header, newest.Role)
	if err != nil {
		return reports.History{}, err
	}
	if err := targets.CheckAllowed(allow, now); err != nil {
		return reports.History{}, err
	}
	var h reports.History
	for _, b := range all {
		then, err := targets.Fingerprint(b.Header, b.Role)
		if err != nil {
			return h, fmt.Errorf("%s: %w", b.Name, err)
		}
		if refused := targets.Refusal(targets.Differences(then, now), allow); refused != "" {
			h.LeftOut = append(h.LeftOut, b.Name+": not measured like "+newest.Name+": "+refused)
			continue
		}
		h.Releases = append(h.Releases, b)
	}
	return h, nil
}
