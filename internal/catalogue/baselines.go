package catalogue

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/terminal"
)

// Baseline is one stored baseline.
type Baseline struct {
	Name       string    `json:"name"`
	Measured   time.Time `json:"measured"`
	Target     string    `json:"target"`
	Trials     int       `json:"trials"`
	Operations []string  `json:"operations"`
}

// Baselines are those of a directory, oldest first.
type Baselines []Baseline

// AllBaselines lists stored baselines.
func AllBaselines(stored []*bench.StoredBaseline) Baselines {
	all := Baselines{} // None is an empty list, also as JSON.
	for _, b := range stored {
		var operations []string
		for _, m := range b.Merged {
			operations = append(operations, m.Operation)
		}
		all = append(all, Baseline{b.Name, b.Header.Started.UTC(), b.Deployment().Name, len(b.Trials), operations})
	}
	return all
}

// WriteText writes a table.
func (all Baselines) WriteText(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tMEASURED\tTARGET\tTRIALS\tOPERATIONS")
	for _, b := range all {
		terminal.Fprintf(w, "%s\t%s\t%s\t%d\t%s\n", b.Name, b.Measured.Format(time.DateTime), b.Target, b.Trials,
			strings.Join(b.Operations, ", "))
	}
	return w.Flush()
}
