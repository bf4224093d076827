package sizing

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/oauthbench/oauthbench/bench/stats"
)

// Load is what one measured period asked of a server and what it spent.
type Load struct {
	Rates map[string]float64 `json:"rates"` // requests per second, by operation
	Cores float64            `json:"cores"` // CPU-seconds per second
}

// Costs are what requests cost.
type Costs struct {
	Idle float64 `json:"idle_cores"` // cores that are spent without any request
	// PerRequest has CPU-seconds per request, by operation.
	PerRequest map[string]float64 `json:"cpu_seconds_per_request"`
	// Condition is the condition number of the scaled rates: 1 when each load has an
	// operation of its own, and without bound when loads look alike.
	Condition float64 `json:"condition"`
	// Residual is the root mean square of what the fit leaves, as a share of the cores. It says
	// nothing unless the fit was Checked.
	Residual float64 `json:"residual"`
	Loads    int     `json:"loads"` // that the fit rests on
}

// Checked tells whether there were more loads than costs to find: as many are always met without a rest.
func (c Costs) Checked() bool { return c.Loads > len(c.PerRequest)+1 }

// mostCondition is where the costs of operations cannot be told apart any more: an error
// of one per cent in the cores becomes thirty in a cost.
const mostCondition = 30

// FitCosts finds the cost of every operation from loads of different mixes. It needs one
// load more than there are operations, for the constant, and mixes that differ enough;
// the error says what is missing.
func FitCosts(loads []Load) (Costs, error) {
	names := map[string]bool{}
	for _, l := range loads {
		for name := range l.Rates {
			names[name] = true
		}
	}
	operations := slices.Sorted(maps.Keys(names))
	if len(operations) == 0 {
		return Costs{}, fmt.Errorf("no load has a rate")
	}
	if len(loads) <= len(operations) {
		return Costs{}, fmt.Errorf("%d runs cannot tell what %d operations and an idle server cost: measure at least "+
			"%d, of different mixes",
			len(loads), len(operations), len(operations)+1)
	}
	var rows [][]float64
	var y, weights []float64
	for _, l := range loads {
		row := []float64{1}
		for _, name := range operations {
			row = append(row, l.Rates[name])
		}
		rows, y, weights = append(rows, row), append(y, l.Cores), append(weights, 1)
	}
	c := Costs{PerRequest: map[string]float64{}, Condition: stats.Condition(rows), Loads: len(loads)}
	if c.Condition > mostCondition {
		return Costs{}, fmt.Errorf("the mixes of these runs are too much alike to tell operations apart (condition "+
			"number %.0f, at most %d): measure each operation alone", c.Condition, mostCondition)
	}
	x, err := stats.NonNegative(rows, y, weights)
	if err != nil {
		return Costs{}, err
	}
	c.Idle = x[0]
	for i, name := range operations {
		c.PerRequest[name] = x[i+1]
	}
	total := 0.0
	for _, cores := range y {
		total += cores * cores
	}
	if total > 0 {
		c.Residual = math.Sqrt(stats.SquaresLeft(rows, y, weights, x) / total)
	}
	return c, nil
}

// Cores is what a load asks of one server, its constant included. An operation without a
// cost is an error.
func (c Costs) Cores(rates map[string]float64) (float64, error) {
	sum := c.Idle
	for _, name := range slices.Sorted(maps.Keys(rates)) {
		cost, known := c.PerRequest[name]
		if !known {
			return 0, fmt.Errorf("what %s costs was not measured", name)
		}
		sum += rates[name] * cost
	}
	return sum, nil
}
