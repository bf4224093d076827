package verdict

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/oauthbench/oauthbench/bench/stats"
)

// errorFloor is the smallest rise of the error ratio that counts: half of one
// request per thousand, half of the usual limit "error_ratio < 0.1%". Below
// it, beyond chance or not, only a warning is given.
const errorFloor = 0.0005

// errorLevel is the probability of a false alarm about errors in a whole run,
// all looks and operations together.
const errorLevel = 0.01

// DefaultMostErrors is the share of arrivals without a right answer that a run may have
// where its plan sets no most_errors.
const DefaultMostErrors = 0.01

// aboveErrorLimit returns a sentence for each operation of which one side left more
// arrivals without a right answer than the design allows. Every trial counts, disturbed
// ones too: a busy machine makes answers late, it does not refuse them.
func (in Input) aboveErrorLimit(pairs []Pair, side Side) map[string]string {
	above := map[string]string{}
	if in.MostErrors == 0 {
		return above
	}
	totals := tally(pairs, side)
	for _, name := range operations(pairs) {
		c := totals[name].counts
		own := slices.ContainsFunc(in.SLOs, func(s SLO) bool {
			return s.Operation == name && s.Metric == "error_ratio"
		})
		if own || c.Arrivals == 0 || ratio(c) <= in.MostErrors {
			continue
		}
		above[name] = fmt.Sprintf("%s: %d of %d requests had no right answer (%s; %s%s), more than the limit of "+
			"%.3g %%", name, c.Errors(), c.Arrivals, share(c), outcomes(c), named(totals[name].refused),
			100*in.MostErrors)
	}
	return above
}

// mostNamed is how many ways to refuse a sentence names.
const mostNamed = 3

// named says in which ways requests were refused, each once, "" when that is not known.
func named(refused []string) string {
	refused = slices.Compact(slices.Sorted(slices.Values(refused)))
	if len(refused) == 0 {
		return ""
	}
	if more := len(refused) - mostNamed; more > 0 {
		refused = append(refused[:mostNamed], fmt.Sprintf("%d more", more))
	}
	return ": " + strings.Join(refused, ", ")
}

// errorChange is the finding about one operation's errors.
type errorChange struct {
	operation           string
	baseline, candidate Counts
	units, affected     int     // units in which the candidate failed more often
	pooled              float64 // Fisher's p, every request taken as independent
	p                   float64 // the same on counts divided by their dispersion
}

func (e errorChange) rise() float64 { return ratio(e.candidate) - ratio(e.baseline) }

func ratio(c Counts) float64 { return float64(c.Errors()) / float64(max(c.Arrivals, 1)) }

func (e errorChange) String() string {
	return fmt.Sprintf("%s: the candidate failed %d of %d requests (%s; %s), the baseline %d of %d",
		e.operation, e.candidate.Errors(), e.candidate.Arrivals, share(e.candidate), outcomes(e.candidate),
		e.baseline.Errors(), e.baseline.Arrivals)
}

func outcomes(c Counts) string {
	text := ""
	for _, o := range []struct {
		n    int
		name string
	}{{c.Rejected, "rejected"}, {c.Timeout, "timed out"}, {c.Unreachable, "unreachable"}} {
		if o.n > 0 {
			if text != "" {
				text += ", "
			}
			text += fmt.Sprintf("%d %s", o.n, o.name)
		}
	}
	if text == "" {
		return "none"
	}
	return text
}

// errorChanges compares the error counts of every operation.
//
// Failures come in bursts: one stall times out fifty requests, and a test that
// takes them as fifty independent events convicts every version that is
// unlucky once. So the counts per unit are divided by their dispersion
// (variance over mean, at least 1, both sides together), and Fisher's exact
// test is applied to what remains.
//
// Source: McCullagh & Nelder, "Generalized Linear Models", 4.5 and 6.2
// (over-dispersion by quasi-likelihood).
func errorChanges(p Profile, pairs []Pair) []errorChange {
	units := p.units(pairs)
	tallies := make([][2]map[string]total, len(units))
	for u, unit := range units {
		tallies[u] = [2]map[string]total{tally(unit, Baseline), tally(unit, Candidate)}
	}
	var changes []errorChange
	for _, name := range operations(pairs) {
		e := errorChange{operation: name, units: len(units)}
		var counts [2][]float64
		for _, both := range tallies {
			a, b := both[0][name].counts, both[1][name].counts
			e.baseline, e.candidate = e.baseline.Plus(a), e.candidate.Plus(b)
			counts[0] = append(counts[0], float64(a.Errors()))
			counts[1] = append(counts[1], float64(b.Errors()))
			if ratio(b) > ratio(a) {
				e.affected++
			}
		}
		if e.baseline.Arrivals == 0 || e.candidate.Arrivals == 0 {
			continue
		}
		e.pooled = fisher(e.baseline, e.candidate, 1)
		e.p = fisher(e.baseline, e.candidate, dispersion(counts[:]))
		changes = append(changes, e)
	}
	alone := make([]float64, len(changes))
	for i, e := range changes {
		alone[i] = e.p
	}
	for i, adjusted := range stats.Holm(alone) {
		changes[i].p = adjusted
	}
	return changes
}

// chanceOf is the p value of an operation's rise. In a run too short for a single unit every
// request is taken as independent.
func chanceOf(operation string, pairs []Pair, changes []errorChange) float64 {
	for _, e := range changes {
		if e.operation == operation {
			return e.p
		}
	}
	return fisher(tally(pairs, Baseline)[operation].counts, tally(pairs, Candidate)[operation].counts, 1)
}

// fisher tests "the candidate fails no more often" on numbers divided by the
// dispersion, hits rounded down and arrivals up: never in favour of an alarm.
func fisher(baseline, candidate Counts, dispersion float64) float64 {
	scale := func(n int) int { return int(float64(n) / dispersion) }
	a, b := scale(baseline.Errors()), scale(candidate.Errors())
	if dispersion > 1 {
		a = int(math.Ceil(float64(baseline.Errors()) / dispersion))
	}
	return stats.FisherMoreInB(stats.Table{
		HitsA: a, MissesA: max(0, scale(baseline.Arrivals)-a),
		HitsB: b, MissesB: max(0, scale(candidate.Arrivals)-b),
	})
}

// dispersion is Pearson's statistic of the counts about the mean of their
// side, per degree of freedom; at least 1.
func dispersion(sides [][]float64) float64 {
	squares, freedom := 0.0, 0
	for _, counts := range sides {
		mean := 0.0
		for _, x := range counts {
			mean += x / float64(len(counts))
		}
		if mean == 0 {
			continue
		}
		freedom += len(counts) - 1
		for _, x := range counts {
			squares += (x - mean) * (x - mean) / mean
		}
	}
	if freedom < 1 {
		return 1
	}
	return max(1, squares/float64(freedom))
}
