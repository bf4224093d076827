package clustersize

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/oauthbench/oauthbench/bench/sizing/stored"
	"github.com/oauthbench/oauthbench/containers"
	"github.com/oauthbench/oauthbench/internal/digits"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/internal/session"
)

// writeGuide writes what one core of the server's CPU carries, beside what the server's own guide says.
func (o *Options) writeGuide(w io.Writer, dirs []string) error {
	if len(dirs) == 0 {
		return fmt.Errorf("--guide takes the directories of stored runs, each of one scenario: oauthbench " +
			"size DIR... " +
			"--guide")
	}
	if o.peak != "" {
		return fmt.Errorf("--guide and --peak cannot be given together: the first is of no peak")
	}
	var runs []stored.Run
	for _, dir := range dirs {
		run, err := session.Read(dir)
		if err != nil {
			return err
		}
		runs = append(runs, stored.Run{Dir: dir, Run: run})
	}
	deployment, all, err := stored.PerCore(runs)
	if err != nil {
		return &BeyondError{err}
	}
	guide := containers.GuideOf(deployment.Server)
	fmt.Fprintf(w, "%s: requests a second that one core of the server's CPU carries\n\n",
		plaintext.Line(deployment.Name))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "operation\there\t90 % interval\tguide\ttrials")
	for _, c := range all {
		says := digits.None
		if i := slices.IndexFunc(guide.Rates, func(r containers.GuideRate) bool {
			return r.Operation == c.Operation
		}); i >= 0 {
			says = fmt.Sprintf("%.0f (%s)", guide.Rates[i].PerCore, guide.Rates[i].What)
		}
		fmt.Fprintf(t, "%s\t%.0f\t[%.0f, %.0f]\t%s\t%d\n", plaintext.Line(c.Operation), c.Rate, c.Low, c.High, says,
			c.Trials)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if guide.Source == "" {
		fmt.Fprintf(w, "\nNothing is known of a guide of %s.\n", plaintext.Line(deployment.Server))
		return nil
	}
	fmt.Fprintf(w, "\nGuide: %s. Its figures are for planning, with room left besides; those of here are what the\n"+
		"server's CPU alone would allow, on this machine and with these settings: a database is not in them.\n",
		guide.Source)
	return nil
}
