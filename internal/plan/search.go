package plan

import (
	"errors"
	"fmt"
	"time"

	"github.com/oauthbench/oauthbench/bench/verdict"
)

// capacityName is what a margin on capacity is of: "capacity 5%" or "capacity=5%".
const capacityName = "capacity"

// defaultCapacityMargin is what a candidate may carry less when nothing is given.
const defaultCapacityMargin = 0.05

// CapacityMargin is the share of the baseline's capacity that a candidate may lack.
func (p Plan) CapacityMargin() float64 {
	margin := defaultCapacityMargin
	for _, m := range p.Margins {
		margin = m.Fraction
	}
	return margin
}

// SearchesEach are the numbers of searches for capacity that each target may have, the one that is
// preferred first. Two searches are never a choice: an interval over two is wider than of one alone.
func (p Plan) SearchesEach() []int {
	switch {
	case p.Searches > 0:
		return []int{p.Searches}
	case p.Baseline != "":
		return []int{3, 1}
	}
	return []int{1}
}

// capacityBudget is what a search on one target may take when no budget is given.
const capacityBudget = 30 * time.Minute

// SearchBudget is the longest that a search for capacity may take, and whether it was asked for.
func (p Plan) SearchBudget() (budget time.Duration, given bool) {
	if p.Budget > 0 {
		return p.Budget, true
	}
	return time.Duration(p.Sides()) * capacityBudget, false
}

// CheckFixed finds what contradicts the fixed rates of a grid.
func CheckFixed(p Plan) error {
	switch {
	case p.Soak != 0 || p.Searches != 0:
		return errors.New("soak and searches are of a search for capacity, and the rate is given")
	case len(p.Margins) > 0 || len(p.CostMargins) > 0:
		return errors.New("a margin is of two versions: leave it out")
	}
	return nil
}

// CheckCapacity finds what a search for capacity cannot do, beside what Check finds.
func (p Plan) CheckCapacity() error {
	for _, name := range p.Scenarios {
		if !p.Rate(name).Auto {
			return fmt.Errorf("rate of %s: capacity searches the rate: leave it out; cells of --vary at fixed "+
				"rates want "+
				"one for every scenario", name)
		}
	}
	if p.Duration != 0 {
		return errors.New("duration is of cells at a fixed rate: a search says how long its trials are")
	}
	if len(p.SLOs) == 0 {
		return errors.New(`capacity needs a limit, such as --slo 'p99 < 50ms' --slo 'error_ratio < 0.1%'`)
	}
	if p.Baseline == "" && len(p.Margins) > 0 {
		return errors.New("a margin is of two versions: give a baseline too")
	}
	if p.Soak > 0 && p.Budget > 0 && p.Soak >= p.Budget {
		return fmt.Errorf("a soak of %v has no room in a budget of %v", p.Soak, p.Budget)
	}
	if len(p.More) > 0 {
		return errors.New("capacity compares one candidate with the baseline: give one")
	}
	for _, m := range p.Margins {
		if m.Quantile != 0 || m.Time != 0 || m.Operation != "" && m.Operation != capacityName {
			return fmt.Errorf("margin %q: a search for capacity has one margin, such as capacity=5%%", marginText(m))
		}
		if m.Fraction >= 1 {
			return fmt.Errorf("margin %q: want less than 100%%", marginText(m))
		}
	}
	if len(p.Margins) > 1 || len(p.CostMargins) > 0 {
		return errors.New("a search for capacity has one margin, such as capacity=5%")
	}
	for _, slo := range p.EachLimit() {
		switch {
		case limitsFromBelow(slo):
			return fmt.Errorf("slo %q: capacity is searched for limits from above, such as p99 < 50ms", slo)
		case slo.Operator == "<" && slo.Limit == 0:
			return fmt.Errorf("slo %q: nothing is below 0, and no server keeps it: write <=", slo)
		case slo.Metric == "achieved" && slo.Operator == ">" && slo.Limit >= 1:
			return fmt.Errorf("slo %q: no server achieves more than what is offered: write achieved >= 99%%", slo)
		}
	}
	return nil
}

// limitsFromBelow tells whether a limit asks for more of what grows with load.
func limitsFromBelow(slo verdict.SLO) bool {
	if slo.Metric == "achieved" {
		return slo.Operator == "<" || slo.Operator == "<="
	}
	return slo.Operator == ">" || slo.Operator == ">="
}
