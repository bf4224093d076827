package varied

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/grid"
	"github.com/oauthbench/oauthbench/bench/grid/stored"
	"github.com/oauthbench/oauthbench/internal/capacityrun"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/session"
	"github.com/oauthbench/oauthbench/internal/targets"
)

// Request is what a grid is asked for.
type Request struct {
	Plan     plan.Plan // Plan has what is varied, and where the grid is stored.
	Tool     string    // Tool is the version of this program, stored with the grid.
	Observer session.Observer
	Resume   bool // Resume goes on with the grid in Plan.Out, which is Plan's.
	// Report is told each run as it has ended, with its folder, to write what it shows.
	Report func(run *bench.Run, dir string) error
	// measure measures one cell, in tests; nil is with servers.
	measure func(context.Context, session.Request) (*session.Result, error)
}

// errBudget is the end of a grid whose time is used up.
var errBudget = errors.New("the time that was stated beforehand is used up: go on with --resume")

// Run measures the cells that have no whole run yet, one after another in random order. What
// is wrong with any of them is found before the first is started: a targets.UsageError. It
// returns the grid also when an error ended it early; the grid is nil when there is none.
func Run(ctx context.Context, r Request) (*Grid, error) {
	cells, err := cellsOf(r.Plan)
	if err != nil {
		return nil, err
	}
	g, err := r.open(cells)
	if err != nil {
		return nil, &targets.UsageError{Err: err}
	}
	for i := range cells {
		cells[i].plan.Out = filepath.Join(g.Dir, g.Header.Folders[i])
	}
	var left []int
	for _, i := range g.Header.Order {
		run := g.Runs[i]
		if run == nil || !run.Complete() || r.Resume && r.Plan.Budget > 0 && run.Resumable() {
			left = append(left, i)
		}
	}
	if len(left) == 0 {
		return nil, &targets.UsageError{Err: fmt.Errorf("all cells in %s were measured: there is nothing to resume",
			g.Dir)}
	}
	budget := g.Header.Budget
	if r.Resume {
		r.Observer.Say("resuming: %d of %d cells are left", len(left), len(cells))
		budget = cmp.Or(r.Plan.Budget, time.Duration(float64(budget)*float64(len(left))/float64(len(cells))))
	}
	r.announce(cells, left, g.Header, budget)
	ctx, cancel := context.WithDeadlineCause(ctx, time.Now().Add(budget), errBudget)
	defer cancel()
	err = r.measureAll(ctx, g, cells, left)
	if !r.Resume && !slices.ContainsFunc(g.Runs, func(run *bench.Run) bool { return run != nil }) {
		// Nothing is kept of what has nothing; a folder with something else in it stays.
		return nil, errors.Join(cmp.Or(err, session.ErrNothingMeasured), os.Remove(filepath.Join(g.Dir, FileName)),
			removeEmpty(g.Dir))
	}
	return g, err
}

// removeEmpty removes a folder unless something is in it.
func removeEmpty(dir string) error {
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		return err
	}
	return os.Remove(dir)
}

// open makes the grid's file, or reads the one to go on with.
func (r Request) open(cells []cell) (*Grid, error) {
	if r.Resume {
		g, err := Read(r.Plan.Out)
		if err == nil && len(g.Header.Folders) != len(cells) {
			err = fmt.Errorf("%s is of another grid", r.Plan.Out)
		}
		if err != nil {
			return g, err
		}
		for i, run := range g.Runs {
			if run == nil {
				continue
			}
			if err := session.SameMachine(run.Header); err != nil {
				return g, fmt.Errorf("resume %s: cell %s: %w", r.Plan.Out, cells[i].name, err)
			}
		}
		return g, nil
	}
	h := grid.Header{
		Schema: grid.Schema, Tool: r.Tool, Started: time.Now(), Plan: r.Plan.JSON(), Grid: r.Plan.Vary,
		Command: append([]string{"oauthbench", plan.Capacity}, r.Plan.Flags(plan.Capacity)...),
		Fixed:   !cells[0].plan.AutomaticRates(), Order: rand.New(rand.NewPCG(r.Plan.Seed, 0x9c1d)).Perm(len(cells)),
		Budget: r.Plan.Budget, Shared: sharedCores(r.Plan, r.Plan.Vary),
	}
	if h.Budget == 0 {
		h.Budget = cost(cells)
	}
	for i, c := range cells {
		h.Folders = append(h.Folders, folder(i, c.name))
	}
	dir, err := create(r.Plan.Out, r.Plan.OutByTime, h)
	return &Grid{Dir: dir, Header: h, Runs: make([]*bench.Run, len(cells)), Missing: map[int]string{}}, err
}

// announce states the cost before the start.
func (r Request) announce(cells []cell, left []int, h grid.Header, budget time.Duration) {
	var these []cell
	for _, i := range left {
		these = append(these, cells[i])
	}
	r.Observer.Say("grid: %s, into %s", h.Grid, r.Plan.Out)
	r.Observer.Say("%s", costWords(these, budget))
	if least := leastCost(these); budget < least {
		r.Observer.Say("cost: starting servers alone may take %v: the budget will not do for all cells",
			least.Round(time.Second))
	}
	if h.Shared != "" {
		r.Observer.Say("note: %s", h.Shared)
	}
}

// measureAll measures the cells that are left.
func (r Request) measureAll(ctx context.Context, g *Grid, cells []cell, left []int) error {
	var problem error   // of the first that could not be measured
	var before []string // what the cells so far have shown
	deadline, _ := ctx.Deadline()
	for n, i := range left {
		c := cells[i]
		if ctx.Err() != nil {
			g.Missing[i] = context.Cause(ctx).Error()
			continue
		}
		part := fmt.Sprintf("cell %d of %d: %s", n+1, len(left), c.name)
		r.Observer.Say("%s", part)
		share := time.Until(deadline) / time.Duration(len(left)-n)
		c.plan.Budget = max(share-starting(c.plan), share/2)
		result, err := r.cell(ctx, c, part, slices.Clone(before), g.Runs[i] != nil)
		if result != nil {
			g.Runs[i] = result.Run
			found := told(g, i)
			r.Observer.Say("cell %s", found)
			before = append(before, found)
			if problem := r.Report(result.Run, result.Dir); problem != nil {
				return problem
			}
		}
		if err == nil {
			continue
		}
		if usage, ok := errors.AsType[*targets.UsageError](err); ok && result == nil {
			return &targets.UsageError{Err: fmt.Errorf("cell %s: %w", c.name, usage.Err)}
		}
		if errors.Is(err, session.ErrNothingMeasured) && ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		r.Observer.Say("cell %s: %v", c.name, err)
		if result == nil {
			before = append(before, fmt.Sprintf("%s: %v", c.name, err))
		}
		g.Missing[i] = err.Error()
		if problem == nil && ctx.Err() == nil {
			problem = err
		}
	}
	return problem
}

// partly is an observer of one cell: what it follows is a part of the grid.
type partly struct {
	session.Observer
	part   string
	before []string
}

// Follow shows which part goes on.
func (p partly) Follow(a session.Activity) (stop func()) {
	a.Part, a.Before = p.part, p.before
	return p.Observer.Follow(a)
}

// cell measures one, which is a part of the grid.
func (r Request) cell(ctx context.Context, c cell, part string, before []string, begun bool) (*session.Result, error) {
	one := session.Request{Plan: c.plan, Targets: c.targets, Tool: r.Tool, Observer: partly{r.Observer, part, before}}
	switch {
	case r.measure != nil:
		return r.measure(ctx, one)
	case !c.plan.AutomaticRates() && begun:
		return session.Resume(ctx, c.plan.Out, one, atRate(c.plan))
	case !c.plan.AutomaticRates():
		return session.RunChosen(ctx, one, atRate(c.plan))
	case begun:
		return capacityrun.Resume(ctx, c.plan.Out, c.plan.Budget, one)
	}
	return capacityrun.Run(ctx, one)
}

// told says what a cell showed, before the next begins.
func told(g *Grid, i int) string {
	a := stored.Of(g.Header, g.Runs, g.Missing).Answers[i]
	name := g.Header.Grid.Name(g.Header.Grid.Cells()[i])
	if a.Missing != "" {
		return name + ": " + a.Missing
	}
	var figures []string
	for _, f := range a.Figures {
		switch {
		case f.Name == stored.Certified:
			figures = append(figures, fmt.Sprintf("%s%.4g/s", bound(f.Bound), f.Value))
		case f.Name == stored.Percentiles[0] && g.Header.Fixed:
			figures = append(figures, fmt.Sprintf("%s P95 %v", f.Operation,
				time.Duration(f.Value).Round(10*time.Microsecond)))
		}
	}
	return name + ": " + strings.Join(figures, ", ")
}

func bound(word string) string {
	if word == "" {
		return ""
	}
	return word + " "
}
