package varied

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/grid"
	"github.com/oauthbench/oauthbench/containers"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/targets"
)

// cell is one combination of settings, ready to be measured.
type cell struct {
	name    string
	plan    plan.Plan
	targets map[bench.Role]targets.Target
}

// cellsOf makes the plans of all cells, and finds what is wrong with any of them. Nothing is
// started. Its errors are UsageErrors.
func cellsOf(p plan.Plan) ([]cell, error) {
	usage := func(err error) error { return &targets.UsageError{Err: err} }
	if err := p.Vary.Check(); err != nil {
		return nil, usage(fmt.Errorf("vary: %w", err))
	}
	if p.Baseline != "" {
		return nil, usage(errors.New("vary is of one target: leave the baseline out"))
	}
	var settings []setting
	for _, a := range p.Vary {
		s, err := settingOf(a, p)
		if err != nil {
			return nil, usage(fmt.Errorf("vary %s: %w", a.Name, err))
		}
		settings = append(settings, s)
	}
	var cells []cell
	same := map[string]string{}
	for i, values := range p.Vary.Cells() {
		c := cell{name: p.Vary.Name(values), plan: p}
		c.plan.Vary = nil
		for k, value := range values {
			if err := settings[k].set(&c.plan, value); err != nil {
				return nil, usage(fmt.Errorf("vary %s=%s: %w", p.Vary[k].Name, value, err))
			}
		}
		setReplicaCPUs(&c.plan, p.Vary)
		if err := c.check(); err != nil {
			return nil, usage(fmt.Errorf("cell %s: %w", c.name, err))
		}
		key := c.whole()
		if other, known := same[key]; known {
			return nil, usage(fmt.Errorf("cells %q and %q are the same: what is varied has no effect here, or a value "+
				"is given in two forms", other, c.name))
		}
		same[key] = c.name
		c.plan.Out, c.plan.OutByTime = filepath.Join(p.Out, folder(i, c.name)), false
		cells = append(cells, c)
	}
	return cells, nil
}

// whole is all that decides what is measured of a cell, as far as it is known beforehand.
func (c *cell) whole() string {
	p := c.plan
	effective := c.targets[bench.Candidate].Effective
	if effective != nil {
		p.Candidate = ""
	}
	var words []string
	for _, name := range slices.Sorted(maps.Keys(effective)) {
		words = append(words, name+"="+effective[name])
	}
	if d, err := containers.ParseDataset(p.Dataset); err == nil {
		p.Dataset = d.String()
	}
	return string(p.JSON()) + strings.Join(words, "&")
}

// folder is where the run of a cell lies within the grid's.
func folder(i int, name string) string {
	return fmt.Sprintf("%02d-%s", i+1, targets.DirectoryName(name))
}

// check finds what is wrong with the plan of a cell.
func (c *cell) check() error {
	if err := c.plan.Check(); err != nil {
		return err
	}
	err := c.plan.CheckCapacity()
	if !c.plan.AutomaticRates() {
		err = plan.CheckFixed(c.plan)
	}
	if err != nil {
		return err
	}
	if c.targets, err = targets.OfPlan(c.plan); err != nil {
		return err
	}
	for _, t := range c.targets {
		if err := t.Fit(c.plan); err != nil {
			return err
		}
	}
	return nil
}

// mostReplicas is the largest number of instances that the plan or an axis has.
func mostReplicas(p plan.Plan, g grid.Grid) (most int) {
	most = max(p.Replicas, 1)
	for _, a := range g {
		if numbers, ok := a.Numbers(); ok && a.Name == grid.Replicas {
			for _, n := range numbers {
				most = max(most, int(n))
			}
		}
	}
	return most
}
