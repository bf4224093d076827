package summary

import (
	"math"
	"strings"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
)

// PairRatio is candidate / baseline of one pair at each of the headline quantiles.
type PairRatio struct {
	Epoch, Pair int
	Ratios      []float64
}

// PairRatios lists the pairs of which both trials are valid and have the operation,
// in the order of the run.
func PairRatios(s *Summary, operation string) []PairRatio {
	run := s.Run
	type key struct{ epoch, part, pair, again int }
	baselines, candidates := map[key]*bench.Measurement{}, map[key]*bench.Measurement{}
	var order []key
	for i := range run.Trials {
		t := &run.Trials[i]
		m := t.Measurement(operation)
		if t.Warmup || len(t.Excluded) > 0 || m == nil || m.Response.Count() == 0 {
			continue
		}
		k := key{t.Epoch, t.Part, t.Pair, t.Again}
		if baselines[k] == nil && candidates[k] == nil {
			order = append(order, k)
		}
		if t.Role == bench.Baseline {
			baselines[k] = m
		} else {
			candidates[k] = m
		}
	}
	var pairs []PairRatio
	for _, k := range order {
		b, c := baselines[k], candidates[k]
		if b == nil || c == nil {
			continue
		}
		pr := PairRatio{Epoch: k.epoch, Pair: k.pair}
		bq, cq := s.quantiles(b.Response), s.quantiles(c.Response)
		for i := range Headlines {
			pr.Ratios = append(pr.Ratios, float64(max(cq[i], 1))/float64(max(bq[i], 1)))
		}
		pairs = append(pairs, pr)
	}
	return pairs
}

// extent is how much of a run there is, counted as the verdict counts it: a pair that was measured again is
// another pair, and one without its partner is none.
type extent struct {
	trials, warm, planned int // planned are the trials that are no repeats
	excluded              int // trials
	epochs                int
	pairs, again          int // again are the pairs that stand for disturbed ones
	died                  int // trials that a server died in
	disturbed, lost       int // pairs that are excluded, and that a server died in
	single                int // trials without a partner
}

func extentOf(run *bench.Run) extent {
	type key struct{ part, pair, again int }
	type pair struct {
		trials         int
		disturbed, die bool
	}
	var e extent
	epochs, pairs := map[int]bool{}, map[key]pair{}
	for _, t := range run.Trials {
		if t.Warmup {
			e.warm++
			continue
		}
		e.trials++
		epochs[t.Epoch] = true
		if t.Again == 0 {
			e.planned++
		}
		if t.Died != "" {
			e.died++
		}
		k := key{t.Part, t.Pair, t.Again}
		p := pairs[k]
		p.trials++
		p.disturbed, p.die = p.disturbed || len(t.Excluded) > 0, p.die || t.Died != ""
		pairs[k] = p
		if len(t.Excluded) > 0 {
			e.excluded++
		}
	}
	e.epochs = len(epochs)
	for k, p := range pairs {
		switch {
		case p.trials < 2:
			e.single += p.trials
			continue
		case p.die:
			e.lost++
			continue
		case p.disturbed:
			e.disturbed++
		}
		e.pairs++
		if k.again > 0 {
			e.again++
		}
	}
	return e
}

// sparks are the heights of a sparkline, lowest first.
var sparks = []rune("▁▂▃▄▅▆▇█")

// spark is a line of one block for each unit of a comparison, in order: how high its ratio
// lies between the least and the most that is shown, which reach as far to both sides of 1
// as the margin or the farthest unit does. "" when the units are not known.
func (s *Summary) spark(c *verdict.Comparison) string {
	if c == nil {
		return ""
	}
	for _, p := range s.Paths {
		if p.Operation == c.Operation && p.Quantile == c.Quantile {
			return sparkline(p.Steps, c.Margin)
		}
	}
	return ""
}

func sparkline(steps []verdict.Step, margin float64) string {
	reach := math.Log1p(margin)
	for _, step := range steps {
		if l := math.Abs(math.Log(step.Ratio)); !math.IsInf(l, 0) {
			reach = max(reach, l)
		}
	}
	var b strings.Builder
	for _, step := range steps {
		place := (math.Log(step.Ratio)/reach + 1) / 2 * float64(len(sparks))
		b.WriteRune(sparks[int(min(max(place, 0), float64(len(sparks)-1)))])
	}
	return b.String()
}
