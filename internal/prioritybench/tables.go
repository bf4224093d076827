package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/stat"

	"github.com/oauthbench/oauthbench/bench"
)

// pair is two trials of one version beside itself, one after the other.
type pair struct{ a, b row }

// pairs are the undisturbed ones with a priority.
func pairs(rows []row, priority bench.Priority) []pair {
	type key struct {
		began time.Time
		pair  int
	}
	found := map[key]*pair{}
	var order []key
	for _, r := range rows {
		if r.Priority != priority {
			continue
		}
		k := key{r.Began, r.Pair}
		if found[k] == nil {
			found[k] = &pair{}
			order = append(order, k)
		}
		if r.Role == bench.Baseline {
			found[k].a = r
		} else {
			found[k].b = r
		}
	}
	var all []pair
	for _, k := range order {
		if p := found[k]; p.a.Quantiles != nil && p.b.Quantiles != nil && !p.a.Excluded && !p.b.Excluded {
			all = append(all, *p)
		}
	}
	return all
}

// change is ln(b/a) of one operation at one quantile; false where an operation has no answers.
func (p pair) change(operation string, quantile int) (float64, bool) {
	a, b := p.a.Quantiles[operation], p.b.Quantiles[operation]
	if a == nil || b == nil || a[quantile] <= 0 || b[quantile] <= 0 {
		return 0, false
	}
	return math.Log(float64(b[quantile]) / float64(a[quantile])), true
}

// tables prints what priorities and the canary did.
func tables(w io.Writer, rows []row) error {
	operations := map[string]bool{}
	for _, r := range rows {
		for name := range r.Quantiles {
			operations[name] = true
		}
	}
	var names []string
	for name := range operations {
		names = append(names, name)
	}
	slices.Sort(names)
	fmt.Fprintf(w, "| priority | pairs | send lag P50, P99, ms |")
	for _, name := range names {
		fmt.Fprintf(w, " %s: spread of P50, P95 |", name)
	}
	fmt.Fprintf(w, "\n| --- | --: | --: |")
	for range names {
		fmt.Fprint(w, " --: |")
	}
	fmt.Fprintln(w)
	for _, priority := range priorities {
		all := pairs(rows, priority)
		lag50, lag99 := medianLag(all)
		fmt.Fprintf(w, "| %s | %d | %.2f, %.2f |", cmp.Or(string(priority), "none"), len(all), lag50, lag99)
		for _, name := range names {
			fmt.Fprintf(w, " %.3f, %.3f |", spread(all, name, 0), spread(all, name, 1))
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "\nThe canary took %.2f ms in the middle, spread %.3f (ln). Correlation with the trial after it, "+
		"and of the differences within pairs:\n\n| operation | P50, trials | P95, trials | P50, pairs | P95, pairs |\n"+
		"| --- | --: | --: | --: | --: |\n", middleCanary(rows), canarySpread(rows))
	for _, name := range names {
		fmt.Fprintf(w, "| %s | %+.2f | %+.2f | %+.2f | %+.2f |\n", name, predicts(rows, name, 0),
			predicts(rows, name, 1),
			predictsPairs(rows, name, 0), predictsPairs(rows, name, 1))
	}
	return nil
}

// spread is the standard deviation of ln(b/a).
func spread(all []pair, operation string, quantile int) float64 {
	var x []float64
	for _, p := range all {
		if c, ok := p.change(operation, quantile); ok {
			x = append(x, c)
		}
	}
	return stat.StdDev(x, nil)
}

// medianLag are medians over trials, in ms.
func medianLag(all []pair) (p50, p99 float64) {
	var halves, tails []float64
	for _, p := range all {
		for _, r := range []row{p.a, p.b} {
			halves, tails = append(halves, r.LagP50.Seconds()*1000), append(tails, r.LagP99.Seconds()*1000)
		}
	}
	if len(halves) == 0 {
		return math.NaN(), math.NaN()
	}
	slices.Sort(halves)
	slices.Sort(tails)
	return halves[len(halves)/2], tails[len(tails)/2]
}

func canaries(rows []row) (logs []float64) {
	for _, r := range rows {
		logs = append(logs, math.Log(float64(max(r.Canary, 1))))
	}
	return logs
}

// middleCanary is the median time of the canary, in ms.
func middleCanary(rows []row) float64 {
	logs := canaries(rows)
	slices.Sort(logs)
	if len(logs) == 0 {
		return math.NaN()
	}
	return math.Exp(logs[len(logs)/2]) / 1e6
}

func canarySpread(rows []row) float64 { return stat.StdDev(canaries(rows), nil) }

// predicts is the correlation of the canary with the quantile of the trial that follows.
func predicts(rows []row, operation string, quantile int) float64 {
	var x, y []float64
	for _, r := range rows {
		if q := r.Quantiles[operation]; q != nil && q[quantile] > 0 {
			x, y = append(x, math.Log(float64(max(r.Canary, 1)))), append(y, math.Log(float64(q[quantile])))
		}
	}
	return stat.Correlation(x, y, nil)
}

// predictsPairs is the same of the differences within pairs, which are what a verdict is made of.
func predictsPairs(rows []row, operation string, quantile int) float64 {
	var x, y []float64
	for _, priority := range priorities {
		for _, p := range pairs(rows, priority) {
			if c, ok := p.change(operation, quantile); ok {
				x = append(x, math.Log(float64(max(p.b.Canary, 1))/float64(max(p.a.Canary, 1))))
				y = append(y, c)
			}
		}
	}
	return stat.Correlation(x, y, nil)
}
