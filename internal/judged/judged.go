// Package judged turns stored runs of every kind into reports, each by the rule that it
// carries.
package judged

import (
	"errors"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/capacity/searches"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/bench/verdict/runs"
	"github.com/oauthbench/oauthbench/internal/session"
	"github.com/oauthbench/oauthbench/internal/varied"
	"github.com/oauthbench/oauthbench/reports"
)

// Error is a run whose rule could not be applied to it.
type Error struct{ Err error }

func (e *Error) Error() string { return "judge: " + e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// Document reports on a stored run of any kind.
func Document(run *bench.Run) (*reports.Document, error) {
	if searches.Is(run.Header) {
		return reports.OfCapacity(run)
	}
	r, err := Run(run)
	if err != nil {
		return nil, err
	}
	return reports.OfRun(r), nil
}

// Run judges a stored run, which must be no search for capacity.
func Run(run *bench.Run) (reports.Report, error) {
	if searches.Is(run.Header) {
		return reports.Report{}, errors.New("the run is a search for capacity: it is reported on alone")
	}
	in, err := runs.Input(run)
	if err != nil {
		return reports.Report{}, err
	}
	v, err := runs.Decide(run, in)
	if err != nil {
		return reports.Report{}, &Error{err}
	}
	return reports.Report{Run: run, Verdict: v, Paths: verdict.Paths(in)}, nil
}

// Grid reports on a stored grid, each cell judged by the rule that its run carries.
func Grid(g *varied.Grid) *reports.Document {
	var cells []reports.GridCell
	for i, run := range g.Runs {
		c := reports.GridCell{Run: run, Missing: g.Missing[i]}
		if run != nil {
			if d, err := Document(run); err != nil {
				c.Run, c.Missing = nil, err.Error()
			} else {
				c.Decision, c.Reasons = d.Decision, d.Reasons
			}
		}
		cells = append(cells, c)
	}
	return reports.OfGrid(g.Header, cells)
}

// Stored reports on what lies in a folder: a run of any kind, or a grid of them.
func Stored(dir string) (*reports.Document, error) {
	if varied.Is(dir) {
		g, err := varied.Read(dir)
		if err != nil {
			return nil, err
		}
		return Grid(g), nil
	}
	run, err := session.Read(dir)
	if err != nil {
		return nil, err
	}
	return Document(run)
}
