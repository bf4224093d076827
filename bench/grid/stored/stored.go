// Package stored is where stored runs meet the grid that they are cells of: it finds in the
// run of each cell the figures that the grid compares, and fits what goes through several
// cells: slopes, and the law by which capacity grows with instances.
package stored

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/capacity"
	"github.com/oauthbench/oauthbench/bench/capacity/searches"
	"github.com/oauthbench/oauthbench/bench/grid"
	"github.com/oauthbench/oauthbench/bench/scaling"
	"github.com/oauthbench/oauthbench/bench/stats"
)

// The names of figures beside the percentiles.
const (
	Certified     = "certified"      // Certified is a rate that was confirmed, in steps of five per cent.
	Capacity      = "capacity"       // Capacity is the rate at which half of the trials hold.
	ServerCores   = "server_cores"   // ServerCores are those that were busy.
	DatabaseCores = "database_cores" // DatabaseCores likewise.
)

// Percentiles are the names of those of response time, in the order of quantiles.
var (
	Percentiles = []string{"p95", "p99"}
	quantiles   = []float64{0.95, 0.99}
)

// Found is a grid with what was found at its cells.
type Found struct {
	grid.Header
	Cells   []grid.Cell
	Answers []grid.Answer // Answers are as Cells.
	Slopes  []grid.Slope
	Laws    []Law
}

// Law is how capacity grows along an axis of replicas.
type Law struct {
	Fixed string `json:"fixed,omitempty"` // Fixed names the values of the other axes.
	// Missing says why there is no law, "" when there is one.
	Missing string       `json:"missing,omitempty"`
	Law     *scaling.Law `json:"law,omitempty"`
}

// Of reads the cells of a grid. runs are as Grid.Cells, nil where there is none; missing says
// why, by index.
func Of(h grid.Header, runs []*bench.Run, missing map[int]string) Found {
	f := Found{Header: h, Cells: h.Grid.Cells()}
	for i := range f.Cells {
		var a grid.Answer
		switch {
		case i >= len(runs) || runs[i] == nil:
			a.Missing = cmp.Or(missing[i], "not measured yet")
		case searches.Is(runs[i].Header):
			a = searched(runs[i])
		default:
			a = atRate(runs[i])
		}
		f.Answers = append(f.Answers, a)
	}
	f.Slopes = h.Grid.Slopes(f.Answers, append([]string{Capacity}, Percentiles...)...)
	f.laws()
	return f
}

// searched is what a search for capacity found.
func searched(run *bench.Run) grid.Answer {
	var a grid.Answer
	found, err := searches.Of(run)
	if err != nil {
		a.Missing = err.Error()
		return a
	}
	side := found.Sides[len(found.Sides)-1]
	bound := ""
	switch {
	case side.Ending == capacity.AboveGenerator:
		bound = "at least"
		a.Doubts = append(a.Doubts, "its capacity lies above the generator's limit")
	case side.Ending == capacity.Unfinished && side.Rate > 0:
		bound = "at least"
		a.Doubts = append(a.Doubts, "the search did not come to its end")
	case side.Rate == 0:
		a.Missing = strings.Join(found.Reasons, "; ")
		if a.Missing == "" {
			a.Missing = string(side.Ending)
		}
		return a
	}
	a.Figures = append(a.Figures, grid.Figure{Name: Certified, Unit: "/s", Value: side.Rate, Bound: bound})
	if c := side.Curve; c != nil {
		f := grid.Figure{Name: Capacity, Unit: "/s", Value: c.Half.Estimate, Low: c.Half.Low, High: c.Half.High}
		for _, l := range side.Searches {
			if one, ok := l.Curve(); ok && l.Result().Ending == capacity.Certified {
				f.Starts = append(f.Starts, one.Half.Estimate)
			}
		}
		if bound != "" {
			f.Bound, f.Starts = bound, nil
		}
		a.Figures = append(a.Figures, f)
	}
	for _, m := range side.At {
		for k, name := range Percentiles {
			if m.Response.Count() > 0 {
				a.Figures = append(a.Figures, grid.Figure{Operation: m.Operation, Name: name, Unit: "ns",
					Value: float64(m.Response.Quantile(quantiles[k]))})
			}
		}
	}
	var at []*bench.Trial
	for _, i := range side.AtTrials {
		at = append(at, &run.Trials[i])
	}
	a.Figures = append(a.Figures, cores(at)...)
	return a
}

// atRate is what trials at a fixed rate show.
func atRate(run *bench.Run) grid.Answer {
	var a grid.Answer
	var trials []*bench.Trial
	disturbed := 0
	for i := range run.Trials {
		t := &run.Trials[i]
		if t.Warmup || t.Died != "" || len(t.Excluded) > 0 {
			continue
		}
		if t.Machine.Foreign > bench.MaxForeignShare {
			disturbed++
		}
		trials = append(trials, t)
	}
	if len(trials) == 0 {
		a.Missing = cmp.Or(run.Incomplete(), "no trial counts")
		return a
	}
	if why := run.Incomplete(); why != "" {
		a.Doubts = append(a.Doubts, "incomplete: "+why)
	}
	if len(trials) > 1 && !slices.ContainsFunc(trials, func(t *bench.Trial) bool {
		return t.Epoch != trials[0].Epoch
	}) {
		a.Doubts = append(a.Doubts, "all trials are of one start of the server: intervals hold what trials "+
			"differ, and not "+
			"what starts do")
	}
	if disturbed > 0 {
		a.Doubts = append(a.Doubts, "other programs used the machine in "+strconv.Itoa(disturbed)+" of "+
			strconv.Itoa(len(trials))+" trials")
	}
	for _, operation := range run.Operations() {
		var ms []bench.Measurement
		for _, t := range trials {
			if m := t.Measurement(operation); m != nil && m.Response.Count() > 0 {
				ms = append(ms, *m)
			}
		}
		if len(ms) == 0 {
			continue
		}
		whole := bench.Merge(operation, ms...)
		for k, name := range Percentiles {
			f := grid.Figure{Operation: operation, Name: name, Unit: "ns",
				Value: float64(whole.Response.Quantile(quantiles[k]))}
			var logs []float64
			for _, m := range ms {
				one := float64(max(m.Response.Quantile(quantiles[k]), 1))
				f.Starts = append(f.Starts, one)
				logs = append(logs, math.Log(one))
			}
			if len(logs) > 1 {
				low, mean, high := stats.Student(logs, 0.05)
				// The interval is of the mean of logarithms; it is laid around the merged quantile.
				f.Low, f.High = f.Value*math.Exp(low-mean), f.Value*math.Exp(high-mean)
			}
			a.Figures = append(a.Figures, f)
		}
		if failed := whole.Outcomes.Failed(); failed > 0 {
			a.Doubts = append(a.Doubts, operation+": "+strconv.FormatInt(failed, 10)+" of "+
				strconv.FormatInt(whole.Outcomes.Total(), 10)+" requests had no right answer")
		}
	}
	a.Figures = append(a.Figures, cores(trials)...)
	return a
}

// cores are how many cores server and database kept busy, where that is known.
func cores(trials []*bench.Trial) []grid.Figure {
	var all []grid.Figure
	for _, part := range []struct {
		name string
		of   func(*bench.Trial) bench.Usage
	}{
		{ServerCores, func(t *bench.Trial) bench.Usage { return t.Server }},
		{DatabaseCores, func(t *bench.Trial) bench.Usage { return t.Database }},
	} {
		spent, elapsed := 0.0, 0.0
		for _, t := range trials {
			if u := part.of(t); u.Known && t.Elapsed > 0 {
				spent, elapsed = spent+u.CPU.Seconds(), elapsed+t.Elapsed.Seconds()
			}
		}
		if elapsed > 0 {
			all = append(all, grid.Figure{Name: part.name, Value: spent / elapsed})
		}
	}
	return all
}

// laws fits the law along an axis of replicas, for each value of the others.
func (f *Found) laws() {
	axis := slices.IndexFunc(f.Grid, func(a grid.Axis) bool { return a.Name == grid.Replicas })
	if axis < 0 || f.Fixed {
		return
	}
	for _, line := range f.Grid.Lines(axis) {
		l := Law{Fixed: line.Fixed}
		var points []scaling.Point
		for _, i := range line.Cells {
			n, err := strconv.Atoi(f.Cells[i][axis])
			c := f.Answers[i].Find("", Capacity)
			if err != nil || c == nil || c.Bound != "" {
				continue
			}
			starts := c.Starts
			if len(starts) == 0 {
				starts = []float64{c.Value}
			}
			for _, value := range starts {
				points = append(points, scaling.Point{Instances: n, Capacity: value})
			}
		}
		if law, err := scaling.Fit(points); err != nil {
			l.Missing = err.Error()
		} else {
			l.Law = &law
		}
		f.Laws = append(f.Laws, l)
	}
}
