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
	// Intervals are those of PerRequest at 90 %, nil unless the fit was Checked: what loads scatter about it
	// tells how well costs are known.
	Intervals map[string]Interval `json:"intervals,omitempty"`
	// Condition is the condition number of the scaled rates: 1 when each load has an
	// operation of its own, and without bound when loads look alike.
	Condition float64 `json:"condition"`
	// Residual is the root mean square of what the fit leaves, as a share of the cores. It says
	// nothing unless the fit was Checked.
	Residual float64 `json:"residual"`
	Loads    int     `json:"loads"` // that the fit rests on
}

// Interval is what a cost is between.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
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
		return Costs{}, fmt.Errorf("%s cannot tell what %s and an idle server cost: measure at least %d, of different "+
			"mixes, or of one operation at different rates", counted(len(loads), "load"),
			counted(len(operations), "operation"), len(operations)+1)
	}
	var rows [][]float64
	var y []float64
	for _, l := range loads {
		row := []float64{1}
		for _, name := range operations {
			row = append(row, l.Rates[name])
		}
		rows, y = append(rows, row), append(y, l.Cores)
	}
	weights := weightsOf(y)
	c := Costs{PerRequest: map[string]float64{}, Condition: stats.Condition(rows), Loads: len(loads)}
	if c.Condition > mostCondition {
		return Costs{}, fmt.Errorf("the mixes of these runs are too much alike to tell operations apart (condition "+
			"number %s, at most %d): measure each operation alone", conditionWords(c.Condition), mostCondition)
	}
	x, err := stats.NonNegative(rows, y, weights)
	if err != nil {
		return Costs{}, err
	}
	c.Idle = x[0]
	for i, name := range operations {
		c.PerRequest[name] = x[i+1]
	}
	total, even := 0.0, make([]float64, len(y))
	for i, cores := range y {
		total, even[i] = total+cores*cores, 1
	}
	if total > 0 {
		c.Residual = math.Sqrt(stats.SquaresLeft(rows, y, even, x) / total)
	}
	if c.Checked() {
		c.intervals(operations, rows, y, weights)
	}
	return c, nil
}

// counted is "1 load" or "3 loads".
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// conditionWords write a condition number; rounding alone makes a large one of what has no bound.
func conditionWords(c float64) string {
	if c > 1e6 {
		return "without bound"
	}
	return fmt.Sprintf("%.0f", c)
}

// smallest is the share of the largest load below which a load's scatter does not shrink with it.
const smallest = 0.05

// weightsOf are those of loads: what a period spends scatters in proportion to it.
func weightsOf(cores []float64) []float64 {
	floor := smallest * slices.Max(cores)
	weights := make([]float64, len(cores))
	for i, c := range cores {
		if weights[i] = 1; floor > 0 {
			weights[i] = 1 / (c*c + floor*floor)
		}
	}
	return weights
}

// intervals are by Student's t, of the fit that knows no bound: what it has below 0 is cut off.
func (c *Costs) intervals(operations []string, rows [][]float64, y, weights []float64) {
	const alpha = 0.05 // on each side
	free, err := stats.FitLinear(rows, y, weights)
	if err != nil {
		return
	}
	c.Intervals = map[string]Interval{}
	for i, name := range operations {
		only := make([]float64, len(operations)+1)
		only[i+1] = 1
		low, _, high := free.Interval(only, alpha, 0)
		cost := c.PerRequest[name]
		c.Intervals[name] = Interval{max(min(low, cost), 0), max(high, cost)}
	}
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
